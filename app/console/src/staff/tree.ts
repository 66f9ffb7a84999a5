import type { Unit } from '../api/client'

export interface Row { unit: Unit; depth: number }

// flat is the tree of units read from top to bottom; who stands under nobody that is known stands at the top rather than nowhere.
export function flat(units: Unit[], retired = false): Row[] {
  const shown = units.filter((u) => retired || !u.retired)
  const known = new Set(shown.map((u) => u.code))
  const below = new Map<string, Unit[]>()
  for (const u of shown) {
    const above = known.has(u.parent) ? u.parent : ''
    below.set(above, [...(below.get(above) ?? []), u])
  }
  const out: Row[] = []
  const walk = (above: string, depth: number) => {
    for (const unit of below.get(above) ?? []) {
      out.push({ unit, depth })
      walk(unit.code, depth + 1)
    }
  }
  walk('', 0)
  return out
}
