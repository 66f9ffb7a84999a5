// windowOf is which rows of a long list lie in sight, and a few beyond either edge.
export function windowOf(top: number, tall: number, height: number, rows: number, margin = 8): { from: number; to: number } {
  const from = Math.max(0, Math.min(rows, Math.floor(top / height) - margin))
  const to = Math.min(rows, Math.max(from, Math.ceil((top + tall) / height) + margin))
  return { from, to }
}
