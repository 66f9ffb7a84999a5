// The order that is open (工单详情), its history, and the acts on it.
import { defineStore } from 'pinia'
import { base64, Problem, requestId, whole, type Order, type OrderEvent, type Paths, type Reading } from '../../api/client'
import { lighter } from '../../shared/photo'
import { anyOrder, newer } from '../live'
import { useOrders } from './orders'
import { api, useSession } from './session'

const orderPath = '/v1/tenants/{tenant}/workOrders/{workOrder}'

// ActPath is the road of an act: what follows the colon is the verb's name.
type OfOrder = Extract<keyof Paths, `/v1/tenants/{tenant}/workOrders/{workOrder}:${string}`>
export type ActPath = { [P in OfOrder]: Paths[P] extends { post: unknown } ? P : never }[OfOrder]

// pathOf is the road of a verb as the server names it: decide_return → :decideReturn.
export function pathOf(verb: string): ActPath {
  return `${orderPath}:${verb.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())}` as ActPath
}

interface State {
  order: Order | null
  events: OrderEvent[]
  readings: Reading[]
  problem: Problem | null
  loading: boolean
  asked: string // the number that was asked for last: an answer for another comes too late
  newer: Order | null // as somebody else left it, while this person was looking at it
}

export const useOrder = defineStore('order', {
  state: (): State => ({ order: null, events: [], readings: [], problem: null, loading: false, asked: '', newer: null }),
  actions: {
    params(number: string) {
      return { path: { tenant: useSession().city, workOrder: number } }
    },
    async open(number: string) {
      if (this.order?.number !== number) this.$patch({ order: null, events: [], readings: [], newer: null })
      this.asked = number
      this.loading = true
      this.problem = null
      try {
        const [order, history] = await Promise.all([
          whole(api.GET(orderPath, { params: this.params(number) })),
          whole(api.GET(`${orderPath}/events`, { params: this.params(number) })),
        ])
        useOrders().put(order as Order)
        if (this.asked === number) this.$patch({ order: order as Order, events: history.events, newer: null })
      } catch (e) {
        if (this.asked === number) this.problem = e as Problem
      } finally {
        if (this.asked === number) this.loading = false
      }
    },
    close() {
      this.$reset()
    },
    // look sees whether somebody else changed the order; what is on the screen stays until the person says so.
    async look() {
      const shown = this.order
      if (!shown) return
      const now = (await whole(api.GET(orderPath, { params: this.params(shown.number) }))) as Order
      if (this.order?.number === now.number && this.order.etag !== now.etag) this.newer = now
    },
    // changed is for whoever learns that an order was changed; what is on the screen already is no news.
    changed(number: string, etag: string) {
      const shown = this.newer ?? this.order
      return number === anyOrder || (shown?.number === number && newer(etag, shown.etag)) ? this.look() : Promise.resolve()
    },
    // act does a verb on the order as it is shown: if somebody was faster, nothing happens but the news.
    async act(verb: string, body: Record<string, unknown>, id = requestId()): Promise<Order> {
      const shown = this.order
      if (!shown) throw new Problem(0, 'NO_ORDER', '')
      try {
        const call = api.POST(pathOf(verb), { params: this.params(shown.number), body: { ...body, etag: shown.etag, requestId: id } as never })
        const order = (await whole(call as never)) as Order
        await this.took(order)
        return order
      } catch (e) {
        if (e instanceof Problem && e.conflict) await this.look()
        throw e
      }
    },
    async took(order: Order) {
      useOrders().put(order)
      void useOrders().loadQueues()
      if (this.order?.number !== order.number) return // somebody moved on while the act was on its way
      this.order = order
      this.newer = null
      const history = await whole(api.GET(`${orderPath}/events`, { params: this.params(order.number) }))
      if (this.order.number === order.number) this.events = history.events
    },
    async reveal(fields: string[], reason: string) {
      if (!this.order) return
      const order = (await whole(api.POST(`${orderPath}:reveal`, { params: this.params(this.order.number), body: { fields, reason } }))) as Order
      if (this.order.number === order.number) this.order = order
    },
    async attach(taken: File) {
      const file = await lighter(taken)
      const body = { title: file.name.slice(0, 120), content: await base64(file) }
      return this.act('attach', body)
    },
    async loadReadings() {
      if (!this.order || !useSession().may('reading.list')) return
      this.readings = (await whole(api.GET(`${orderPath}/readings`, { params: this.params(this.order.number) }))).readings
    },
    // read asks for something beside the order.
    async read<T>(what: 'draftReply' | 'suggest' | 'listVerdicts'): Promise<T> {
      if (!this.order) throw new Problem(0, 'NO_ORDER', '')
      return (await whole(api.GET(`${orderPath}:${what}`, { params: this.params(this.order.number) }) as never)) as T
    },
    // call is an act that answers with something other than the order.
    async call<T>(verb: string, body: Record<string, unknown> = {}): Promise<T> {
      if (!this.order) throw new Problem(0, 'NO_ORDER', '')
      return (await whole(api.POST(pathOf(verb), { params: this.params(this.order.number), body: body as never }) as never)) as T
    },
  },
})
