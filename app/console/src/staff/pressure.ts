// How an order stands with its time (时限状态): one of four meanings, always shown by word, shape and colour together.
import type { Clock, Order } from '../api/client'

export type Pressure = 'fine' | 'soon' | 'late' | 'held' | 'none'

const near = 80 // percent of a span; the last warning before the end in the national rules

export function pressureOf(o: Pick<Order, 'state' | 'marks' | 'dueTime'>): Pressure {
  if (o.state === 'SUSPENDED' || o.marks?.adjudicating) return 'held'
  if (!o.dueTime) return 'none'
  if (o.marks?.overdue && Date.parse(o.dueTime) < Date.now()) return 'late'
  return (o.marks?.warning ?? 0) >= near ? 'soon' : 'fine'
}

export function pressureOfClock(c: Pick<Clock, 'status' | 'warned'>): Pressure {
  switch (c.status) {
    case 'overdue': return 'late'
    case 'paused': return 'held'
    case 'running': return c.warned >= near ? 'soon' : 'fine'
    default: return 'none'
  }
}

// spent is how much of a clock's span has gone, 0 to 100.
export function spent(c: Pick<Clock, 'startTime' | 'dueTime'>, now = Date.now()): number {
  const start = Date.parse(c.startTime)
  const end = Date.parse(c.dueTime)
  return end > start ? Math.max(0, Math.min(100, Math.round(((now - start) / (end - start)) * 100))) : 100
}
