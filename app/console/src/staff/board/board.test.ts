import { describe, expect, it } from 'vitest'
import { figureOf, lastDays, often, percent, points, thisMonth, type Count } from './board'

const count = (orders: number): Count => ({ orders, filter: '' })

describe('the board', () => {
  it('takes the figure out of a filter and nothing else', () => {
    expect(figureOf('figure = "heat?category=04&district=%E8%A5%BF"')).toBe('heat?category=04&district=%E8%A5%BF')
    expect(figureOf('figure = "a" AND state = "x"')).toBe('')
    expect(figureOf('')).toBe('')
  })
  it('says a dash where there is nothing to count', () => {
    expect(percent(count(0), count(0))).toBe('—')
    expect(percent(count(2), count(3))).toBe('66.7%')
    expect(points(undefined)).toBe('—')
    expect(points(8725)).toBe('87.25')
  })
  it('counts days in Beijing', () => {
    const now = Date.parse('2026-11-23T16:30:00Z') // half past midnight of the 24th
    expect(lastDays(7, now)).toEqual({ from: '2026-11-18', to: '2026-11-24' })
    expect(thisMonth(now)).toEqual({ from: '2026-11-01', to: '2026-11-24' })
  })
  it('is read again at once and then not too often', () => {
    let now = 0
    let read = 0
    const later: { f: () => void; at: number }[] = []
    const ask = often(10, () => read++, { now: () => now, later: (f, ms) => later.push({ f, at: now + ms }) })
    ask(); ask(); ask()
    expect([read, later.length]).toEqual([1, 1])
    now = 10
    later[0]?.f()
    expect(read).toBe(2)
    now = 25
    ask()
    expect(read).toBe(3)
  })
})
