import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem, type Change } from '../api/client'
import { follow, gather, newer, pause, reader, silence, type Place } from './live'

const event = (c: Partial<Change>) => `${c.id ? `id: ${c.id}\n` : ''}event: ${c.kind}\ndata: ${JSON.stringify(c)}\n\n`

describe('the reader of the stream', () => {
  it('gives whole changes, however the stream was cut', () => {
    const text = `retry: 2000\n\n${event({ id: '1', kind: 'READY' })}: nothing\n\n${event({ id: '2', kind: 'ACT', workOrder: '7', verb: '派单' })}`
    const read = reader()
    const got = [...text].flatMap((c) => read(c))
    expect(got.map((c) => [c.id, c.kind, c.verb])).toEqual([['1', 'READY', undefined], ['2', 'ACT', '派单']])
    expect(reader()(text.replaceAll('\n', '\r\n'))).toEqual(got)
  })
  it('keeps what has no end yet', () => {
    const read = reader()
    expect(read('data: {"kind":"ALIVE"}\n')).toEqual([])
    expect(read('\n')).toEqual([{ kind: 'ALIVE' }])
  })
})

describe('an etag', () => {
  it('is news when it is higher, as a number', () => {
    expect(newer('10', '9')).toBe(true)
    expect(newer('9', '9')).toBe(false)
    expect(newer('1', undefined)).toBe(true)
  })
})

describe('a pause', () => {
  it('grows to a minute and is never the same for all', () => {
    expect([1, 2, 3, 20].map((n) => pause(n, 1))).toEqual([2_000, 4_000, 8_000, 60_000])
    expect(pause(1, 0)).toBe(1_000)
  })
})

// A line on which each try meets the next of these: what the program sends before it hangs up, or how it refuses.
type Answer = Partial<Change>[] | Problem | 'silent'
function scene(...answers: Answer[]) {
  const asked: Place[] = []
  const told: string[] = []
  const over = new AbortController()
  let lost = 0
  const line = {
    open: (at: Place) => {
      asked.push(at)
      const a = answers.shift()
      if (a === undefined) over.abort()
      if (a instanceof Problem) return Promise.reject(a)
      return Promise.resolve(new ReadableStream<Uint8Array>({
        start(to) {
          if (a === 'silent') return
          for (const c of a ?? []) to.enqueue(new TextEncoder().encode(event(c)))
          to.close()
        },
      }))
    },
    tell: (c: Change) => told.push(c.kind),
    lost: () => lost++,
    wait: () => 0,
  }
  const place: Place = { after: '', order: '42' }
  return { asked, told, over, place, run: async () => { await follow(line, place, over.signal); return lost } }
}

describe('who follows the changes', () => {
  const ready = { id: 'a', kind: 'READY' } as const
  it('comes back to where they were cut, and reads anew only at the beginning', async () => {
    const s = scene([ready, { id: 'b', kind: 'ACT' }], [{ id: 'b', kind: 'READY' }, { id: 'c', kind: 'OVERDUE' }, { kind: 'END', reason: 'LEAVING' }])
    expect(await s.run()).toBe(1)
    expect(s.asked.map((p) => p.after)).toEqual(['', 'b', 'c'])
    expect(s.told).toEqual(['READY', 'ACT', 'READY', 'OVERDUE'])
  })
  it('reads anew when what was missed is not kept any more', async () => {
    const s = scene([ready], [{ id: 'a', kind: 'READY' }, { id: 'z', kind: 'RESET', reason: 'LOST' }])
    expect(await s.run()).toBe(2)
    expect(s.asked.map((p) => p.after)).toEqual(['', 'a', 'z'])
  })
  it('begins anew when the place is not understood', async () => {
    const s = scene([ready], new Problem(400, 'BAD', ''), [ready])
    expect(await s.run()).toBe(2)
    expect(s.asked.map((p) => p.after)).toEqual(['', 'a', '', 'a'])
  })
  it('lets go of an order that is out of sight, and hears of the rest', async () => {
    const ended = scene([ready, { kind: 'END', reason: 'OUT_OF_SCOPE' }])
    await ended.run()
    expect(ended.asked.map((p) => p.order)).toEqual(['42', ''])
    const refused = scene(new Problem(404, 'NOT_FOUND', ''))
    await refused.run()
    expect(refused.asked.map((p) => p.order)).toEqual(['42', ''])
  })
  it('tries again when nobody answers or too many ask, and not when it is forbidden', async () => {
    const s = scene(new Problem(0, 'OFFLINE', ''), new Problem(429, 'TOO_MANY_STREAMS', ''), new Problem(503, 'AWAY', ''), new Problem(403, 'FORBIDDEN', ''), [ready])
    await s.run()
    expect(s.asked).toHaveLength(4)
  })
  it('stops at once at sign-out', async () => {
    const s = scene('silent')
    const running = s.run()
    await vi.waitFor(() => expect(s.asked).toHaveLength(1))
    s.over.abort()
    await running
    expect(s.asked).toHaveLength(1)
  })
})

describe('in time', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  it('a line without a sign of life is given up', async () => {
    const s = scene('silent')
    const running = s.run()
    await vi.advanceTimersByTimeAsync(silence - 1)
    expect(s.asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await vi.waitFor(() => expect(s.asked).toHaveLength(2)) // which ends the scene
    await running
  })
  it('many changes are one turn of work, with the newest etag of each order, and the next turn waits', async () => {
    const work = vi.fn((_: Map<string, string>) => Promise.resolve())
    const g = gather(work, 400, 2_000)
    for (const [n, etag] of [['1', '2'], ['1', '4'], ['1', '3'], ['2', '9']] as const) g.add(n, etag)
    await vi.advanceTimersByTimeAsync(400)
    g.add('3', '1')
    await vi.advanceTimersByTimeAsync(399)
    expect(work.mock.calls.map(([m]) => [...m])).toEqual([[['1', '4'], ['2', '9']]])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(work.mock.calls.map(([m]) => [...m])).toEqual([[['1', '4'], ['2', '9']], [['3', '1']]])
  })
  it('work that fails does not end the gathering', async () => {
    const work = vi.fn((_: Map<string, string>) => Promise.reject(new Error('offline')))
    const g = gather(work, 400, 2_000)
    g.add('1', '1')
    await vi.advanceTimersByTimeAsync(400)
    g.add('1', '2')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(work).toHaveBeenCalledTimes(2)
  })
})
