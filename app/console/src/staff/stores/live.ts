// What happens while somebody watches (实时变动): changes go to the list and to the open order, and who else has it open is shown.
import { defineStore } from 'pinia'
import { Problem, problemOf, type Person } from '../../api/client'
import { anyOrder, follow, gather, type Line, type Place } from '../live'
import { useOrder } from './order'
import { useOrders } from './orders'
import { api, useSession } from './session'

const settle = 300 // who runs through a list with J does not open a stream at each order

const place: Place = { after: '', order: '' }
let ending: AbortController | null = null
let timer: ReturnType<typeof setTimeout> | undefined

async function open(at: Place, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  let out
  try {
    out = await api.GET('/v1/tenants/{tenant}/events', {
      params: { path: { tenant: useSession().city }, query: at.order ? { workOrder: at.order } : {} },
      headers: at.after ? { 'Last-Event-ID': at.after } : {},
      parseAs: 'stream',
      signal,
    })
  } catch {
    throw new Problem(0, 'OFFLINE', '')
  }
  if (!out.response.ok || !out.data) throw problemOf(out.response.status, out.error)
  return out.data as unknown as ReadableStream<Uint8Array>
}

const changes = gather((etags) => Promise.all([useOrders().changed(etags), ...[...etags].map(([n, etag]) => useOrder().changed(n, etag))]))

export const useLive = defineStore('live', {
  state: () => ({ present: [] as Person[], running: false, beats: 0 }), // beats: changes so far, for who only needs to know that there was one
  actions: {
    // start follows the city's changes as long as the window is seen: a browser has few lines to one host, and who does not look at an
    // order does not have it open. What was missed meanwhile is told on coming back.
    start() {
      if (this.running || !useSession().may('work_order.get')) return
      this.running = true
      document.addEventListener('visibilitychange', this.turn)
      this.turn()
    },
    stop() {
      this.running = false
      document.removeEventListener('visibilitychange', this.turn)
      this.turn()
      changes.drop()
      place.after = ''
      place.order = ''
    },
    // at says which order is open, or none.
    at(order: string) {
      if (place.order === order) return
      place.order = order
      this.present = []
      clearTimeout(timer)
      timer = setTimeout(this.turn, settle)
    },
    // turn begins the stream anew from where it was, or ends it.
    turn() {
      clearTimeout(timer)
      ending?.abort()
      ending = null
      this.present = []
      if (!this.running || document.visibilityState !== 'visible') return
      ending = new AbortController()
      const { signal } = ending
      const line: Line = {
        open,
        lost: () => changes.add(anyOrder, ''),
        tell: (c) => {
          if (signal.aborted) return
          if (c.kind === 'PRESENCE') this.present = c.present
          else if (c.workOrder) { this.beats++; changes.add(c.workOrder, c.etag) }
        },
      }
      void follow(line, place, signal)
    },
  },
})
