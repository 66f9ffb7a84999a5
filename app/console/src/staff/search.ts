// What somebody who types this is looking for.
export type Meant = { kind: 'number' | 'phone' | 'tail' | 'words'; value: string }

export function meant(text: string): Meant {
  const value = text.trim()
  const digits = value.replace(/[\s-]/g, '')
  if (/^\d{24}$/.test(digits)) return { kind: 'number', value: digits }
  if (/^\+?\d{10,15}$/.test(digits)) return { kind: 'phone', value: digits }
  if (/^\d{4,23}$/.test(digits)) return { kind: 'tail', value: digits }
  return { kind: 'words', value }
}
