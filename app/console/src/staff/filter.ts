// What the address says of a list, as the filter that the program reads (AIP-160).
export const conditions = ['kind', 'urgency', 'district', 'category', 'state', 'unit', 'holder', 'figure'] as const

const quote = (s: string) => `"${s.replace(/[\\"]/g, (c) => `\\${c}`)}"`

export function filterOf(queue: string, query: Record<string, string | undefined>): string {
  const more = conditions.filter((c) => query[c]).map((c) => `${c} = ${quote(String(query[c]))}`)
  return [queue && more.length ? `(${queue})` : queue, ...more].filter(Boolean).join(' AND ')
}
