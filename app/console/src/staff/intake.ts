// What intake works out while somebody speaks; the program decides, this only saves typing.
import type { CatalogueEntry } from '../api/client'

// titleOf is the first sentence, short enough for a list.
export function titleOf(words: string): string {
  const first = words.trim().split(/[。！？!?\n；;]/)[0]?.trim() ?? ''
  return first.length > 40 ? `${first.slice(0, 40)}…` : first
}

export interface Guess { entry: CatalogueEntry; words: string[] }

// guesses are the catalogue's entries whose words occur in what was said, the place counting as well.
export function guesses(entries: CatalogueEntry[], said: string, district: string): Guess[] {
  const best = new Map<string, Guess & { weight: number }>()
  for (const entry of entries) {
    if (entry.retired || (entry.district && district && entry.district !== district)) continue
    const words = entry.keywords.filter((k) => said.includes(k))
    if (!words.length) continue
    const weight = words.reduce((n, w) => n + w.length, 0) + (entry.district && entry.district === district ? 1 : 0)
    const known = best.get(entry.category)
    if (!known || known.weight < weight) best.set(entry.category, { entry, words, weight })
  }
  return [...best.values()].sort((a, b) => b.weight - a.weight).slice(0, 3)
}
