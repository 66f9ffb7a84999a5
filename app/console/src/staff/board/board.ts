// What the board (看板) works out for itself: links, percentages, spans of days. The figures are the program's.
import type { Schemas, Whole } from '../../api/client'
import { date } from '../../shared/time'

export type Count = Whole<Schemas['hotline.report.v1.Count']>
export type Rate = Whole<Schemas['hotline.report.v1.Rate']>
export type Figure = Whole<Schemas['hotline.report.v1.Figure']>
export type Overview = Whole<Schemas['hotline.report.v1.Overview']>
export type Pressure = Whole<Schemas['hotline.report.v1.Pressure']>
export type Heat = Whole<Schemas['hotline.report.v1.Heat']>
export type Rates = Whole<Schemas['hotline.report.v1.Rates']>
export type UnitRates = Whole<Schemas['hotline.report.v1.UnitRates']>

// figureOf is what a count's filter says of figure: the part that goes into the address of the list.
export function figureOf(filter: string | undefined): string {
  const m = /^figure = ("(?:[^"\\]|\\.)*")$/.exec(filter ?? '')
  return m ? (JSON.parse(m[1] ?? '""') as string) : ''
}

// percent is a rate as people read it, or a dash where there is nothing to count.
export function percent(good: Count | undefined, due: Count | undefined): string {
  return due?.orders ? `${((good?.orders ?? 0) / due.orders * 100).toFixed(1)}%` : '—'
}

// points are hundredths of a point as people read them.
export const points = (score: number | undefined): string => (score === undefined ? '—' : (score / 100).toFixed(2))

export type Span = { from: string; to: string }

const dayLength = 86_400_000

// lastDays is the span of so many days in Beijing that ends today.
export function lastDays(days: number, now: number = Date.now()): Span {
  return { from: date(now - (days - 1) * dayLength), to: date(now) }
}

// thisMonth is the span from the first of the month in Beijing to today.
export function thisMonth(now: number = Date.now()): Span {
  const to = date(now)
  return { from: `${to.slice(0, 8)}01`, to }
}

// grid puts the cells of a heat map into rows and columns, hottest first; more columns than fit are left to the table.
export function grid(heat: Heat) {
  const x = new Map(heat.districts.map((d, i) => [d.key, i]))
  const y = new Map(heat.categories.map((c, i) => [c.key, i]))
  return heat.cells.map((c) => ({ x: x.get(c.district) ?? 0, y: y.get(c.category) ?? 0, count: c.orders }))
}

// often lets a thing happen at once, and then no more often than every so many milliseconds: what was asked for in between happens once.
export function often(gap: number, act: () => void, clock: { now: () => number; later: (f: () => void, ms: number) => unknown } = { now: () => Date.now(), later: (f, ms) => setTimeout(f, ms) }) {
  let last = -Infinity
  let waiting = false
  return () => {
    if (waiting) return
    const wait = last + gap - clock.now()
    if (wait <= 0) {
      last = clock.now()
      act()
      return
    }
    waiting = true
    clock.later(() => {
      waiting = false
      last = clock.now()
      act()
    }, wait)
  }
}
