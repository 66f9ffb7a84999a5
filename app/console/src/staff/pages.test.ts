import { describe, expect, it } from 'vitest'
import { pagesIn, spliced } from './pages'

const row = (n: number) => ({ number: String(n).padStart(4, '0') })
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i))
// A list whose orders stand by their number; a token is the number that a page begins at.
const listed = (all: { number: string }[], size = 10) => {
  const starts = new Map<string, string>()
  for (let i = 0; i < all.length; i += size) starts.set(all[i]!.number, all[i]!.number)
  return { rows: all, starts }
}
const page = (all: { number: string }[], token: string, size = 20) => {
  const from = all.filter((r) => r.number >= token)
  return { rows: from.slice(0, size), next: from[size]?.number ?? '' }
}

describe('the pages of a long list', () => {
  it('in sight are those that the rows in sight belong to', () => {
    const { rows, starts } = listed(range(0, 100))
    expect(pagesIn(rows, starts, 0, 5)).toEqual(['0000'])
    expect(pagesIn(rows, starts, 55, 72)).toEqual(['0050', '0060', '0070'])
    expect(pagesIn([], starts, 0, 10)).toEqual([])
  })

  it('read again come out as the list is now, whatever came and went, and nothing stands twice', () => {
    for (let seed = 1; seed < 300; seed++) {
      let s = seed
      const random = (n: number) => (s = (s * 48271) % 2147483647) % n
      const before = range(0, 60).filter(() => random(3))
      const now = range(0, 60).filter((r) => (random(5) ? before.includes(r) || before.some((b) => b.number === r.number) : random(2)))
      let { rows, starts } = listed(before)
      let next: string | undefined = ''
      // One page after the other, as somebody who goes all the way down would have them read.
      const stale = new Set(starts.keys())
      for (let tries = 0; stale.size && tries < 100; tries++) {
        const [start = ''] = stale
        stale.delete(start)
        const token = starts.get(start)
        if (token === undefined || !rows.some((r) => r.number === start)) continue
        const done = spliced(rows, starts, start, page(now, token))
        rows = done.rows
        next = done.next ?? next
        if (done.again) stale.add(done.again)
      }
      expect(new Set(rows.map((r) => r.number)).size).toBe(rows.length)
      const shown = rows.map((r) => r.number)
      expect(shown).toEqual([...shown].sort())
      const first = before[0]?.number ?? ''
      const want = now.map((r) => r.number).filter((n) => n >= first)
      expect(shown.filter((n) => now.some((r) => r.number === n))).toEqual(next ? want.slice(0, shown.length) : want)
    }
  })
})
