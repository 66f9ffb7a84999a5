// A queue and its orders (工单列表). Nothing is polled: a queue is read when it is opened, when the window comes back, after an act of
// one's own, and where `changed` is told of somebody else's.
import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { whole, Problem, type Order, type Queue } from '../../api/client'
import { anyOrder, newer } from '../live'
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
}

export const useOrders = defineStore('orders', {
  state: (): State => ({ queues: [], unnamed: null, want: { filter: '', orderBy: '' }, rows: [], next: '', watermark: '', loading: false, problem: null, turn: 0 }),
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
      this.turn++
      await this.page('')
    },
    // refresh reads as many rows as are shown, and swaps them at once so that nothing jumps.
    async refresh() {
      const turn = ++this.turn
      const upTo = Math.max(this.rows.length, 1)
      const rows: Order[] = []
      let token = ''
      try {
        do {
          const out = await this.read(token, Math.min(200, Math.max(pageSize, upTo - rows.length)))
          if (turn !== this.turn) return
          rows.push(...raw(out.workOrders))
          token = out.nextPageToken
          this.watermark = out.watermark
        } while (token && rows.length < upTo)
        this.rows = rows
        this.next = token
      } catch (e) {
        if (turn === this.turn && !this.rows.length) this.problem = e as Problem
        throw e
      } finally {
        if (turn === this.turn) this.loading = false // a page that was on its way is thrown away
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
        this.rows.push(...raw(out.workOrders))
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
