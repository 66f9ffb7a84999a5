import { describe, expect, it } from 'vitest'
import { moved, pane, rowsFor, tone, type MatrixRow } from './progress'

describe('the matrix', () => {
  it('shows of 400 cities and 32 numbers no more than is in sight', () => {
    const seen = pane({ top: 4000, left: 900, tall: 640, wide: 1000 }, { row: 32, column: 96, rows: 400, columns: 33 })
    expect(seen.rows).toEqual({ from: 119, to: 151 })
    expect((seen.rows.to - seen.rows.from) * (seen.columns.to - seen.columns.from)).toBeLessThan(700)
    expect(pane({ top: 0, left: 0, tall: 640, wide: 1000 }, { row: 32, column: 96, rows: 2, columns: 5 })).toEqual({ rows: { from: 0, to: 2 }, columns: { from: 0, to: 5 } })
  })
  it('is walked by arrows and never left by them', () => {
    expect(moved('ArrowDown', 0, 0, 400, 32)).toEqual([1, 0])
    expect(moved('ArrowUp', 0, 3, 400, 32)).toEqual([0, 3])
    expect(moved('PageDown', 395, 3, 400, 32)).toEqual([399, 3])
    expect(moved('End', 5, 3, 400, 32)).toEqual([5, 31])
    expect(moved('x', 5, 3, 400, 32)).toBeNull()
  })
  it('says late before anything else', () => {
    expect(tone({ standing: 'PLANNED', overdue: true })).toBe('late')
    expect(['WAITING', 'PLANNED', 'DUAL', 'CANCELLED'].map((standing) => tone({ standing: standing as 'DUAL', overdue: false }))).toEqual(['open', 'going', 'done', 'done'])
  })
  it('finds cities by province, region, name and lateness', () => {
    const row = (city: string, title: string, province: string, overdue: number) => ({ city, title, province, region: '长三角', overdue, finished: 0, acknowledged: 1, cells: [] }) as MatrixRow
    const rows = [row('320100', '南京市', '江苏', 0), row('330100', '杭州市', '浙江', 2)]
    const of = (want: object) => rowsFor(rows, { province: '', region: '', words: '', overdue: false, ...want }).map((r) => r.city)
    expect([of({}).length, of({ province: '江苏' }), of({ words: '杭' }), of({ words: '3201' }), of({ overdue: true }), of({ region: '成渝' })]).toEqual([2, ['320100'], ['330100'], ['320100'], ['330100'], []])
  })
})
