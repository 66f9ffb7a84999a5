// The matrix of cities and numbers (归并进度): what a cell says in one sign and one word, and which part of it is on the screen.
import type { Schemas, Whole } from '../api/client'
import { windowOf } from './window'

export type ProgressMatrix = Whole<Schemas['hotline.consolidation.v1.Matrix']>
export type MatrixRow = ProgressMatrix['rows'][number]
export type Cell = MatrixRow['cells'][number]

// signs stand beside the word and the colour of a standing.
export const signs: Record<string, string> = { WAITING: '○', PLANNED: '◔', TRANSITION: '◕', CANCELLED: '●', DUAL: '◎', SUB: '◇', UNCONFIRMED: '', STANDING_UNSPECIFIED: '' }

// tone is how far a number is: done, under way, or not begun; late is its own mark beside it.
export function tone(c: Pick<Cell, 'standing' | 'overdue'>): 'late' | 'done' | 'going' | 'open' {
  if (c.overdue) return 'late'
  if (['CANCELLED', 'TRANSITION', 'DUAL', 'SUB'].includes(c.standing)) return 'done'
  return c.standing === 'PLANNED' ? 'going' : 'open'
}

export interface Want { province: string; region: string; words: string; overdue: boolean }

// rowsFor are the cities that are asked for.
export function rowsFor(rows: MatrixRow[], want: Want): MatrixRow[] {
  return rows.filter((r) => (!want.province || r.province === want.province) && (!want.region || r.region === want.region)
    && (!want.words || r.title.includes(want.words) || r.city.includes(want.words)) && (!want.overdue || r.overdue > 0))
}

// pane is the part of a grid that is in sight, with a margin at every edge: of four hundred rows and thirty columns some hundred cells.
export function pane(at: { top: number; left: number; tall: number; wide: number }, size: { row: number; column: number; rows: number; columns: number }) {
  return { rows: windowOf(at.top, at.tall, size.row, size.rows, 6), columns: windowOf(at.left, at.wide, size.column, size.columns, 3) }
}

// moved is the next place in the grid for an arrow key; it stays within the edges.
export function moved(key: string, row: number, column: number, rows: number, columns: number, page = 10): [number, number] | null {
  const hold = (n: number, max: number) => Math.max(0, Math.min(max - 1, n))
  switch (key) {
    case 'ArrowUp': return [hold(row - 1, rows), column]
    case 'ArrowDown': return [hold(row + 1, rows), column]
    case 'ArrowLeft': return [row, hold(column - 1, columns)]
    case 'ArrowRight': return [row, hold(column + 1, columns)]
    case 'Home': return [row, 0]
    case 'End': return [row, columns - 1]
    case 'PageUp': return [hold(row - page, rows), column]
    case 'PageDown': return [hold(row + page, rows), column]
    default: return null
  }
}
