// Two versions of the national list beside each other (清单差异), as a review shows them: row by row, what was added, changed, left out.
import type { Schemas, Whole } from '../api/client'

export type Entry = Whole<Schemas['hotline.consolidation.v1.Entry']>
export type ListChange = Whole<Schemas['hotline.consolidation.v1.ListChange']>
export type NationalList = Whole<Schemas['hotline.consolidation.v1.List']>
export type ListDraft = Whole<Schemas['hotline.consolidation.v1.ListDraft']>

export type Mark = 'added' | 'changed' | 'removed' | 'same'
export interface DiffRow { number: string; entry: Entry | null; mark: Mark; title: string; was: Record<string, { before: string; after: string }> }

// diffRows are the rows of the newer list with what changed in each, and behind them those that are not in it.
export function diffRows(entries: Entry[], changes: ListChange[]): DiffRow[] {
  const rows = entries.map((entry): DiffRow => {
    const own = changes.filter((c) => c.number === entry.number)
    const was = Object.fromEntries(own.filter((c) => c.field !== 'added').map((c) => [c.field, { before: c.before, after: c.after }]))
    return { number: entry.number, entry, title: entry.title, was, mark: own.some((c) => c.field === 'added') ? 'added' : own.length ? 'changed' : 'same' }
  })
  const gone = changes.filter((c) => c.field === 'absent').map((c): DiffRow => ({ number: c.number, entry: null, title: c.before, was: {}, mark: 'removed' }))
  return [...rows, ...gone]
}

// headChanges are those that concern the list itself: title, basis, dates.
export const headChanges = (changes: ListChange[]) => changes.filter((c) => !c.number)
