import { describe, expect, it } from 'vitest'
import { diffRows, headChanges, type Entry, type ListChange } from './listdiff'

const entry = (number: string, title: string): Entry => ({ mode: 'WHOLE_MERGE', seq: 1, number, title, authority: '某部', expertSeats: false })
const change = (c: Partial<ListChange>): ListChange => ({ number: '', field: '', before: '', after: '', summary: '', ...c })

describe('two versions beside each other', () => {
  const changes = [change({ field: 'effective_date', before: '2026-01-01', after: '2027-01-01' }), change({ number: '12399', field: 'added', after: '新热线' }),
    change({ number: '12366', field: 'mode', before: '设分中心', after: '双号并行' }), change({ number: '12300', field: 'absent', before: '旧热线' })]
  it('mark each row by what happened to it', () => {
    const rows = diffRows([entry('12366', '税务'), entry('12399', '新热线'), entry('12345', '不变')], changes)
    expect(rows.map((r) => [r.number, r.mark])).toEqual([['12366', 'changed'], ['12399', 'added'], ['12345', 'same'], ['12300', 'removed']])
    expect(rows[0]?.was).toEqual({ mode: { before: '设分中心', after: '双号并行' } })
    expect(rows[3]?.title).toBe('旧热线')
  })
  it('keep what concerns the list itself apart', () => expect(headChanges(changes).map((c) => c.field)).toEqual(['effective_date']))
})
