// A queue and its orders (工单列表). Nothing is polled: a queue is read when it is opened, when the window comes back, after an act of
// one's own, and where `changed` is told of somebody else's.
import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { whole, Problem, type Order, type Queue } from '../../api/client'
import { anyOrder, newer } from '../live'
import { pagesIn, spliced } from '../pages'
import { api, useSession } from './session'

const pageSize = 100

// A row is replaced, never changed: ten thousand of them need no watching.
const raw = (rows: Order[]) => rows.map((r) => markRaw(r))

export interface Want { filter: string; orderBy: string }

interface State {
  queues: Queue[]
  unnamed: Problem | null // why there are no queues
  want: Want
  rows: Order[]
  next: string
  watermark: string
  loading: boolean
  problem: Problem | null
  turn: number
  starts: Map<string, string> // the order that leads a page that was read, and the token of that page
  stale: Set<string> // pages, by their first order, that have not been read since something changed
  sight: { from: number; to: number }
}

export const useOrders = defineStore('orders', {
  state: (): State => ({ queues: [], unnamed: null, want: { filter: '', orderBy: '' }, rows: [], next: '', watermark: '', loading: false, problem: null, turn: 0, starts: markRaw(new Map()), stale: markRaw(new Set()), sight: { from: 0, to: 0 } }),
  getters: {
    complete: (s) => !s.loading && s.next === '' && !s.problem,
  },
  actions: {
    async loadQueues() {
      if (!useSession().may('work_order.get')) return
      try {
        this.queues = (await whole(api.GET('/v1/tenants/{tenant}/workOrders:listQueues', { params: { path: { tenant: useSession().city } } }))).queues
        this.unnamed = null
      } catch (e) {
        if (!this.queues.length) this.unnamed = e as Problem
      }
    },
    // open starts a list anew; what an earlier one still brings is thrown away.
    async open(want: Want) {
      this.want = want
      this.rows = []
      this.next = ''
      this.starts.clear()
      this.stale.clear()
      this.sight = { from: 0, to: 0 }
      this.turn++
      await this.page('')
    },
    // refresh reads again what is in sight; the other pages are stale until somebody comes to them, however far down they are.
    async refresh() {
      if (!this.rows.length) return this.open(this.want)
      this.turn++
      this.loading = false // a page that was on its way is thrown away
      this.stale = markRaw(new Set(this.starts.keys()))
      await this.renew()
    },
    // look says which rows are in sight now.
    async look(from: number, to: number) {
      this.sight = { from, to }
      if (this.stale.size) await this.renew().catch(() => undefined) // what is shown stays; the next change tries again
    },
    async renew() {
      const turn = this.turn
      for (;;) {
        const start = pagesIn(this.rows, this.starts, this.sight.from, this.sight.to).find((n) => this.stale.has(n))
        if (start === undefined) return
        this.stale.delete(start)
        try {
          const out = await this.read(this.starts.get(start) ?? '', 200)
          if (turn !== this.turn) return
          const done = spliced(this.rows, this.starts, start, { rows: raw(out.workOrders), next: out.nextPageToken })
          this.rows = done.rows
          if (done.next !== undefined) this.next = done.next
          if (done.again) this.stale.add(done.again)
          this.watermark = out.watermark
        } catch (e) {
          this.stale.add(start)
          throw e
        }
      }
    },
    more() {
      return this.next && !this.loading ? this.page(this.next) : Promise.resolve()
    },
    read(token: string, size = pageSize) {
      return whole(api.GET('/v1/tenants/{tenant}/workOrders', {
        params: { path: { tenant: useSession().city }, query: { filter: this.want.filter, orderBy: this.want.orderBy, pageSize: size, pageToken: token } },
      }))
    },
    async page(token: string) {
      const turn = this.turn
      this.loading = true
      this.problem = null
      try {
        const out = await this.read(token)
        if (turn !== this.turn) return
        const known = new Set(this.rows.map((r) => r.number)) // an order may have moved down meanwhile
        const more = raw(out.workOrders).filter((r) => !known.has(r.number))
        if (more[0]) this.starts.set(more[0].number, token)
        this.rows.push(...more)
        this.next = out.nextPageToken
        this.watermark = out.watermark
      } catch (e) {
        if (turn === this.turn) this.problem = e as Problem
      } finally {
        if (turn === this.turn) this.loading = false
      }
    },
    // put shows an order as it is now, in place: it leaves the list only when the list is read again, so that nobody loses their place.
    put(order: Order) {
      const i = this.rows.findIndex((r) => r.number === order.number)
      if (i >= 0) this.rows[i] = markRaw(order)
    },
    // changed is for whoever learns that orders were changed, with the etags they have now. The list is read again when it shows an
    // older one, or when it is short enough that a new one would come into sight.
    async changed(etags: Map<string, string>) {
      const shown = new Map(this.rows.map((r) => [r.number, r.etag]))
      const old = [...etags].some(([n, etag]) => n === anyOrder || (shown.has(n) || this.rows.length < pageSize) && newer(etag, shown.get(n)))
      if (old && this.turn) await this.refresh()
      await this.loadQueues()
    },
  },
})
