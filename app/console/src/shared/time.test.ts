import { describe, expect, it } from 'vitest'
import { date, due, group, moment } from './time'

const words = { today: '今天', tomorrow: '明天', yesterday: '昨天', weekdays: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] }
const now = Date.parse('2026-11-25T10:00:00+08:00') // a Wednesday

describe('moments are those of Beijing, whatever the machine thinks', () => {
  it('names the day of Beijing', () => {
    expect(date('2026-11-24T16:00:00Z')).toBe('2026-11-25')
    expect(date('2026-11-24T15:59:59Z')).toBe('2026-11-24')
  })
  it('leaves out the year that everybody knows', () => {
    expect(moment('2026-11-23T07:04:00Z', now)).toBe('11-23 15:04')
    expect(moment('2025-12-31T15:00:00Z', now)).toBe('2025-12-31 23:00')
    expect(moment('')).toBe('')
  })
})

describe('a due moment is said as people say it', () => {
  for (const [at, said] of [
    ['2026-11-25T17:30:00+08:00', '今天 17:30'],
    ['2026-11-26T09:00:00+08:00', '明天 09:00'],
    ['2026-11-24T23:46:00+08:00', '昨天 23:46'],
    ['2026-11-28T12:00:00+08:00', '11-28 周六 12:00'],
    ['2026-12-08T12:00:00+08:00', '12-08 12:00'],
    ['2026-11-26T00:00:00+08:00', '今天 24:00'],
    ['2027-01-01T00:00:00+08:00', '12-31 24:00'],
  ] as const) it(said, () => expect(due(at, words, now)).toBe(said))
})

describe('the plan of the week', () => {
  for (const [at, where] of [
    ['2026-11-25T09:59:00+08:00', 'overdue'],
    ['2026-11-25T18:00:00+08:00', 'today'],
    ['2026-11-26T00:00:00+08:00', 'today'], // the midnight that ends today
    ['2026-11-26T00:01:00+08:00', 'tomorrow'],
    ['2026-11-29T23:00:00+08:00', 'week'], // Sunday
    ['2026-11-30T00:01:00+08:00', 'later'],
    ['', 'none'],
  ] as const) it(`${at || 'no due moment'} is ${where}`, () => expect(group(at, now)).toBe(where))
})
