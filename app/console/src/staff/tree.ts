import type { Unit } from '../api/client'

export interface UnitNode { value: string; label: string; disabled?: boolean; children: UnitNode[] }

// treeOf puts units under the one above them; whose parent is unknown stands at the top rather than nowhere.
export function treeOf(units: Unit[]): UnitNode[] {
  const nodes = new Map(units.filter((u) => !u.retired).map((u) => [u.code, { value: u.code, label: u.title, children: [] as UnitNode[] }]))
  const roots: UnitNode[] = []
  for (const u of units) {
    const node = nodes.get(u.code)
    if (!node) continue
    const above = u.parent ? nodes.get(u.parent) : undefined
    ;(above?.children ?? roots).push(node)
  }
  return roots
}
