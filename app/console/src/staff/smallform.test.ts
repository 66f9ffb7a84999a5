import { describe, expect, it } from 'vitest'
import { momentOf, papersOf, snake, spanOf, spanText } from './smallform'

describe('what is typed into a short form', () => {
  it('spans are read as they are written', () => {
    for (const s of [0, 59, 60, 7200, 9000, 86_400, 1_296_000, 90_061]) expect(spanOf(spanText(s))).toBe(s)
    expect(spanOf('2h 30m')).toBe(9000)
    for (const bad of ['', '2', 'h', '2 h', '-1h', '2h,3m', '1y']) expect(spanOf(bad)).toBeUndefined()
  })
  it('papers are one a line, with their number behind a bar', () => {
    expect(papersOf('归并方案 | 试办发〔2026〕1号\n\n 会议纪要 ')).toEqual([{ title: '归并方案', reference: '试办发〔2026〕1号' }, { title: '会议纪要', reference: '' }])
    expect(papersOf(undefined)).toEqual([])
  })
  it('moments are of Beijing, and refusals find their field', () => {
    expect(momentOf('2026-12-01T08:30')).toBe('2026-12-01T08:30:00+08:00')
    expect(momentOf('')).toBeUndefined()
    expect(snake('untilDate')).toBe('until_date')
  })
})
