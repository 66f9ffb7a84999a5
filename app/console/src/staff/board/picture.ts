// A picture of the board to take away: what the charts show, one under the other, with who and when across it.
export interface Piece { title: string; canvas: HTMLCanvasElement }

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

// picture paints the pieces under a heading, and the watermark over all of it and once more to read.
export function picture(heading: string, pieces: Piece[], mark: string): HTMLCanvasElement {
  const scale = window.devicePixelRatio
  const pad = 24 * scale
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(720 * scale, ...pieces.map((p) => p.canvas.width)) + 2 * pad
  canvas.height = pieces.reduce((h, p) => h + p.canvas.height + 40 * scale, 0) + 4 * pad
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('no canvas')
  pen.fillStyle = css('--surface')
  pen.fillRect(0, 0, canvas.width, canvas.height)
  const write = (text: string, size: number, weight: number, colour: string, x: number, y: number) => {
    pen.font = `${weight} ${size * scale}px ${css('--font')}`
    pen.fillStyle = css(colour)
    pen.fillText(text, x, y)
  }
  write(heading, 18, 600, '--text', pad, pad + 16 * scale)
  let y = pad + 32 * scale
  for (const p of pieces) {
    write(p.title, 14, 600, '--text', pad, y + 22 * scale)
    pen.drawImage(p.canvas, pad, y + 32 * scale)
    y += p.canvas.height + 40 * scale
  }
  write(mark, 12, 400, '--text-2', pad, canvas.height - pad)
  pen.save()
  pen.globalAlpha = 0.12
  pen.rotate(-Math.PI / 9)
  pen.font = `400 ${14 * scale}px ${css('--font')}`
  const wide = pen.measureText(mark).width + 80 * scale
  for (let row = -2; row * 120 * scale < canvas.height + canvas.width; row++)
    for (let col = -1; col * wide < canvas.width * 1.4; col++) write(mark, 14, 400, '--text', col * wide + (row % 2) * 120 * scale, row * 120 * scale)
  pen.restore()
  return canvas
}

// save gives a file to the browser.
export function save(content: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

// bytes reads what travels in JSON as base64.
export function bytes(content: string, type: string): Blob {
  return new Blob([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], { type })
}
