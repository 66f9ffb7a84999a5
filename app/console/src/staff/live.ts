// The stream of changes (实时变动, app/live/DESIGN.md), read with fetch because the token goes into a header: reading it, coming back
// where it was cut, and gathering what it says so that a busy city does not make a screen ask without end.
import { Problem, type Change } from '../api/client'

// reader gives the changes that are complete after each piece of the stream, however the pieces were cut.
export function reader(): (piece: string) => Change[] {
  let rest = ''
  return (piece) => {
    const blocks = (rest + piece).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => {
      const data = block.split(/\r?\n/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, '')).join('\n')
      return data ? [JSON.parse(data) as Change] : []
    })
  }
}

export const silence = 40_000 // the program gives a sign every 15 s: after this long without one the line is dead
const first = 2_000
const longest = 60_000

// pause is how long to wait before the n-th try; what lies between half and whole is chance, so that a city does not come back at once.
export const pause = (n: number, chance = Math.random()) => Math.min(longest, first * 2 ** Math.max(0, n - 1)) * (0.5 + chance / 2)

// Place is where a stream goes on: after which event, with which order open.
export interface Place { after: string; order: string }

export interface Line {
  open(place: Place, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  tell(change: Change): void
  lost(): void // what was missed is not told: read anew
  wait?(ms: number): number // for tests: how long a pause really is
}

// follow reads the stream until the signal, and comes back to its place whenever it ends.
export async function follow(line: Line, place: Place, signal: AbortSignal): Promise<void> {
  for (let tries = 0; !signal.aborted;) {
    try {
      await read(line, place, signal, () => (tries = 0))
    } catch (e) {
      if (signal.aborted) return
      if (e instanceof Problem && !goOn(e, place)) return
    }
    tries++
    const ms = pause(tries)
    await sleep(line.wait?.(ms) ?? ms, signal)
  }
}

// goOn says whether coming back after a refusal makes sense, and lets go of what was refused.
function goOn(refusal: Problem, place: Place): boolean {
  if (refusal.status === 404 && place.order) place.order = '' // the order is out of sight by now
  else if (refusal.status === 400 && place.after) place.after = ''
  else return refusal.offline || [401, 429].includes(refusal.status) || refusal.status >= 500
  return true
}

// read is one stream, from READY to its end.
async function read(line: Line, place: Place, signal: AbortSignal, alive: () => void) {
  const cut = new AbortController()
  const stop = () => cut.abort()
  signal.addEventListener('abort', stop)
  let dead = setTimeout(stop, silence)
  try {
    const pieces = (await line.open({ ...place }, cut.signal)).getReader()
    cut.signal.addEventListener('abort', () => void pieces.cancel().catch(() => undefined))
    const decoder = new TextDecoder()
    const changes = reader()
    while (!cut.signal.aborted) {
      const { done, value } = await pieces.read()
      if (done || cut.signal.aborted) return
      clearTimeout(dead)
      dead = setTimeout(stop, silence)
      for (const c of changes(decoder.decode(value, { stream: true }))) {
        if (c.kind === 'END') {
          if (c.reason === 'OUT_OF_SCOPE') place.order = ''
          return
        }
        if (c.kind === 'RESET' || (c.kind === 'READY' && !place.after)) line.lost()
        if (c.id) place.after = c.id
        if (c.kind !== 'READY') alive()
        line.tell(c)
      }
    }
  } finally {
    clearTimeout(dead)
    signal.removeEventListener('abort', stop)
    stop()
  }
}

const sleep = (ms: number, signal: AbortSignal) => new Promise<void>((done) => {
  const over = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', over)
    done()
  }
  const timer = setTimeout(over, signal.aborted ? 0 : ms)
  signal.addEventListener('abort', over)
})

// anyOrder stands for all orders in place of a number: nobody knows which were changed.
export const anyOrder = ''

// gather puts what comes within a moment together, the newest etag of each order, and rests between two turns of work.
export function gather(work: (etags: Map<string, string>) => Promise<unknown>, after = 400, rest = 2_000) {
  let etags = new Map<string, string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let resting = false
  async function run() {
    timer = undefined
    if (!etags.size) {
      resting = false
      return
    }
    const now = etags
    etags = new Map()
    resting = true
    await work(now).catch(() => undefined) // the next change, or coming back to the window, asks again
    timer = setTimeout(() => void run(), rest)
  }
  return {
    add(number: string, etag: string) {
      if (!newer(etag, etags.get(number))) return
      etags.set(number, etag)
      if (!resting) timer ??= setTimeout(() => void run(), after)
    },
    drop() {
      etags = new Map()
    },
  }
}

// newer compares etags, which count up; of an order, a lower one than one has seen is old news.
export const newer = (etag: string, seen: string | undefined) => seen === undefined || Number(etag) > Number(seen)
