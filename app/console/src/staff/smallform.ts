// The fields of a short form (短表单), and how what is typed there becomes what is sent.
export type SmallValues = Record<string, unknown>

export interface SmallField {
  key: string
  kind: 'text' | 'area' | 'date' | 'moment' | 'number' | 'choice' | 'unit' | 'papers'
  label: string
  help?: string
  must?: boolean
  rows?: number
  min?: number
  max?: number
  options?: { value: string | boolean; label: string }[]
  when?: (v: SmallValues) => boolean
}

export const snake = (key: string) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

// papersOf reads papers, one a line: title, and behind a bar its number (文号).
export function papersOf(text: unknown): { title: string; reference: string }[] {
  return String(text ?? '').split('\n').map((l) => l.trim()).filter(Boolean).map((l) => {
    const [title = '', reference = ''] = l.split('|').map((c) => c.trim())
    return { title, reference }
  })
}

// momentOf is a moment of Beijing from what a field for day and time holds.
export const momentOf = (local: unknown) => (local ? `${String(local).slice(0, 16)}:00+08:00` : undefined)

const spans: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1 }

// spanOf reads a span such as 2h 30m as seconds; nothing when it can't be read.
export function spanOf(text: string): number | undefined {
  const parts = text.trim().split(/\s+/)
  let seconds = 0
  for (const p of parts) {
    const found = /^(\d{1,8})([dhms])$/.exec(p)
    if (!found) return undefined
    seconds += Number(found[1]) * (spans[found[2] ?? ''] ?? 0)
  }
  return seconds
}

// spanText writes seconds as spanOf reads them.
export function spanText(seconds: number): string {
  const out: string[] = []
  for (const [unit, of] of Object.entries(spans)) {
    const n = Math.floor(seconds / of)
    if (n > 0) out.push(`${n}${unit}`)
    seconds -= n * of
  }
  return out.join(' ') || '0s'
}
