// Pages of a long list that was read by tokens (翻页): which lie in sight, and how one that is read again takes its place. A token stands for
// a place in the order of the list, so a page stays where it is whatever comes or goes before it.
interface Row { number: string }

// pagesIn are the first orders of the pages that rows from..to belong to.
export function pagesIn(rows: Row[], starts: Map<string, string>, from: number, to: number): string[] {
  const out: string[] = []
  let i = Math.min(from, rows.length - 1)
  while (i > 0 && !starts.has(rows[i]?.number ?? '')) i--
  for (; i >= 0 && i < Math.max(to, from + 1) && i < rows.length; i++) {
    const number = rows[i]?.number ?? ''
    if (starts.has(number)) out.push(number)
  }
  return out
}

// spliced puts a page that was read again in the place of what was read there before. It may be longer than that: what follows begins at the
// next page known, and no order stands twice. next is set where the
// page was the last one, again where the reading ended within a page: what follows there is still to be read.
export function spliced<R extends Row>(rows: R[], starts: Map<string, string>, start: string, read: { rows: R[]; next: string }): { rows: R[]; next?: string; again?: string } {
  const at = rows.findIndex((r) => r.number === start)
  const token = starts.get(start) ?? ''
  let end = at + 1
  while (end < rows.length && !starts.has(rows[end]?.number ?? '')) end++
  const last = end >= rows.length
  const cut = last ? -1 : read.rows.findIndex((r) => r.number === rows[end]?.number)
  const fresh = cut < 0 ? read.rows : read.rows.slice(0, cut)
  const now = new Set(fresh.map((r) => r.number))
  const others = (list: R[]) => list.filter((r) => !now.has(r.number))
  starts.delete(start)
  for (const r of fresh) starts.delete(r.number) // it led a page elsewhere and has moved here
  if (fresh[0]) starts.set(fresh[0].number, token)
  const rest = last ? [] : others(rows.slice(end))
  const head = others(rows.slice(0, at))
  if (last || (cut < 0 && !read.next)) return { rows: [...head, ...fresh], next: read.next }
  const lead = rest[0]?.number ?? ''
  if (cut >= 0 || !lead) return { rows: [...head, ...fresh, ...rest] }
  starts.set(lead, read.next)
  return { rows: [...head, ...fresh, ...rest], again: lead }
}
