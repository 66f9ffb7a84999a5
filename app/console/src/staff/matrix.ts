// The privacy matrix as the program keeps it: what is not stated is hidden.
export interface Matrix { sight: Record<string, Record<string, Record<string, string>>>; reveal: Record<string, string[]> }

export const classes = ['name', 'phone', 'id_number', 'address', 'email', 'text', 'recording']
// The situations that a screen, a paper or another city meets today; what the matrix states of others stays as it is.
export const situations = ['detail', 'list', 'history', 'print', 'callback', 'emergency', 'share']

export function matrixOf(from: unknown): Matrix {
  const m = (from ?? {}) as Partial<Matrix>
  return JSON.parse(JSON.stringify({ sight: m.sight ?? {}, reveal: m.reveal ?? {} })) as Matrix
}

// cycle is the next step of a cell: hidden, masked, clear, and hidden again.
export const cycle = (sight: string) => ({ hide: 'mask', mask: 'clear', clear: 'hide' })[sight] ?? 'hide'
