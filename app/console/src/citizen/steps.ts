// What each of the three steps still needs; the program has the last word.
export interface Petition { kind: string; words: string; district: string; location: string; name: string; phone: string; confidential: boolean }

export const blank = (): Petition => ({ kind: '', words: '', district: '', location: '', name: '', phone: '', confidential: false })

export type Missing = Partial<Record<keyof Petition, string>>

export function missingIn(step: number, p: Petition): Missing {
  const out: Missing = {}
  if (step === 1) {
    if (!p.kind) out.kind = 'file.needKind'
    if (p.words.trim().length < 5) out.words = 'file.short'
  }
  if (step === 3 && !/^\+?[0-9][0-9 -]{6,20}$/.test(p.phone.trim())) out.phone = 'file.needPhone'
  return out
}
