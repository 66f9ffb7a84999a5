// Who works here (登录): the session of this browser, and what the program says this person may call.
import { defineStore } from 'pinia'
import { client, Problem, problemOf, whole, type Me } from '../../api/client'
import { dropDrafts } from '../../shared/draft'

interface Kept { access: string; expires: number; refresh: string; login: string }

const place = 'hotline.session'
const early = 30_000 // a token this near its end is renewed before it is used

// The pair of tokens lies in localStorage, so that all tabs are one session. A content policy without inline scripts and without
// other hosts is what keeps it from strangers; it ends with the session on the server, at the latest after twelve hours.
const kept = (): Kept | null => {
  try {
    return JSON.parse(localStorage.getItem(place) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

const keep = (k: Kept | null) => (k ? localStorage.setItem(place, JSON.stringify(k)) : localStorage.removeItem(place))

// A refresh token works once, and used twice it ends the session: of all tabs only one renews at a time.
const alone = async <T>(work: () => Promise<T>): Promise<T> => ('locks' in navigator ? await navigator.locks.request(place, work) : await work())

const open = client()

async function renew(used: string): Promise<Kept | null> {
  return alone(async () => {
    const now = kept()
    if (!now || now.access !== used) return now // another tab was faster
    const out = await open.POST('/v1/sessions:refresh', { body: { refreshToken: now.refresh } })
    if ([400, 401].includes(out.response.status)) { // it has ended, or what lies here is no token at all: nothing renews it
      keep(null)
      return null
    }
    if (!out.response.ok || !out.data) throw problemOf(out.response.status, out.error)
    const next = { ...now, access: out.data.accessToken ?? '', expires: Date.parse(out.data.accessExpireTime ?? ''), refresh: out.data.refreshToken ?? '' }
    keep(next)
    return next
  })
}

// send puts the token in, renews it when it is about to end, and says so when the session is over.
async function send(request: Request): Promise<Response> {
  let k = kept()
  if (isOther(k)) return leave()
  if (k && k.expires - Date.now() < early) k = await renew(k.access)
  if (isOther(k)) return leave() // somebody else signed in meanwhile
  if (!k) return over(request)
  const again = request.clone()
  request.headers.set('Authorization', `Bearer ${k.access}`)
  const response = await fetch(request)
  if (response.status !== 401) return response
  k = await renew(k.access)
  if (isOther(k)) return leave()
  if (!k) return over(again)
  again.headers.set('Authorization', `Bearer ${k.access}`)
  return fetch(again)
}

// isOther: another tab is another person's by now. Nothing on this screen may go out under their name.
const isOther = (k: Kept | null) => k !== null && useSession().me !== null && k.login !== useSession().me?.login

// leave begins the page anew, and lets nothing of it go on meanwhile.
function leave(): Promise<never> {
  location.reload()
  return new Promise(() => undefined)
}

// over: the screen stays as it is, with all that was typed, and asks for the password on top of it. Before there is a screen there is
// nothing to keep.
async function over(request: Request): Promise<Response> {
  if (!useSession().me) throw new Problem(401, 'UNAUTHENTICATED', '')
  await useSession().askAgain()
  const k = kept()
  if (isOther(k)) return leave()
  if (k) request.headers.set('Authorization', `Bearer ${k.access}`)
  return fetch(request)
}

// api is the client of the person who is signed in.
export const api = client(send)

interface State { me: Me | null; asking: boolean; waiting: (() => void)[] }

export const useSession = defineStore('session', {
  state: (): State => ({ me: null, asking: false, waiting: [] }),
  getters: {
    city: (s) => s.me?.tenant ?? '',
    signedIn: () => kept() !== null,
    lastLogin: () => kept()?.login ?? '',
  },
  actions: {
    may(rule: string) {
      return this.me?.may.includes(rule) ?? false
    },
    // load asks who the bearer is; null when nobody is signed in.
    async load(): Promise<Me | null> {
      if (!kept()) return null
      const me = await whole(api.GET('/v1/me'))
      const k = kept()
      if (k && k.login !== me.login) keep({ ...k, login: me.login }) // as the program writes it
      this.me = me
      return me
    },
    // login gives the places to choose from when the account has posts in several.
    async login(login: string, password: string, tenant = '') {
      const out = await whole(open.POST('/v1/sessions:login', { body: { login, password, tenant } }))
      const t = out.tokens
      if (!t?.accessToken) return out.places
      const other = this.me !== null && this.me.login !== login
      keep({ login, access: t.accessToken, expires: Date.parse(t.accessExpireTime), refresh: t.refreshToken })
      if (other) return leave() // another person's screen must not stay
      await this.load()
      this.goOn()
      return []
    },
    askAgain() {
      this.asking = true
      return new Promise<void>((go) => this.waiting.push(go))
    },
    async changePassword(oldPassword: string, newPassword: string) {
      await whole(api.POST('/v1/me:changePassword', { body: { oldPassword, newPassword } }))
      await this.load()
    },
    // watch follows what other tabs do with the session.
    watch() {
      window.addEventListener('storage', (e) => {
        if (e.key !== place && e.key !== null) return
        const k = kept()
        if (isOther(k)) void leave()
        else if (!k && this.me) this.asking = true
        else if (k && this.asking) this.goOn() // signed in again in another tab
      })
    },
    goOn() {
      this.asking = false
      for (const go of this.waiting.splice(0)) go()
    },
    // logout ends the session, also one that has ended by itself: then somebody else may sign in.
    async logout() {
      const k = kept()
      if (k) await open.POST('/v1/sessions:logout', { body: {}, headers: { Authorization: `Bearer ${k.access}` } }).catch(() => undefined)
      const login = this.me?.login
      keep(null)
      if (login) dropDrafts(`${login}.`)
      location.assign('/console/login')
    },
  },
})
