import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CatalogueEntry, Order, Unit } from '../api/client'
import { atOnce, bodyOf, forms, shownFields, unanswered } from './acts'
import { filterOf } from './filter'
import { guesses, titleOf } from './intake'
import { cycle, matrixOf } from './matrix'
import { pressureOf, pressureOfClock, spent } from './pressure'
import { legend } from './keys'
import { home, roomsFor } from './rooms'
import { meant } from './search'
import { cell, csv } from './sheet'
import { flat } from './tree'
import { windowOf } from './window'

const form = (verb: string) => {
  const f = forms[verb]
  if (!f) throw new Error(`no form for ${verb}`)
  return f
}

describe('a table for a spreadsheet', () => {
  it('is text: no cell is taken for a formula, quotes are kept', () => {
    expect(cell('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`)
    expect(csv([['a', '+1']])).toBe('\uFEFF"a","\'+1"\r\n')
  })
})

describe('the form of an act', () => {
  it('asks for what the answers so far call for, and for nothing else', () => {
    expect(shownFields(form('callback'), { reached: false }).map((f) => f.key)).toEqual(['channel', 'reached'])
    expect(shownFields(form('callback'), { reached: true }).map((f) => f.key)).toContain('solved')
  })
  it('names what must still be answered; “no” is an answer', () => {
    expect(unanswered(form('contact'), { means: 'phone', note: ' ' })).toEqual(['reached', 'note'])
    expect(unanswered(form('contact'), { means: 'phone', reached: false, note: '无人接听' })).toEqual([])
  })
  it('sends only what is shown', () => {
    expect(bodyOf(form('decide_return'), { application: 'a', uphold: false, words: '职责明确', lead: 'U02' })).toEqual({ application: 'a', uphold: false, words: '职责明确' })
  })
  it('puts dotted fields into their message', () => {
    expect(bodyOf(form('reply'), { 'draft.publicPart': '您好', 'draft.conclusion': 'SOLVED', 'draft.ground': '' })).toEqual({ draft: { publicPart: '您好', conclusion: 'SOLVED' } })
  })
  it('never sends what only steers the form', () => {
    expect(bodyOf(form('dispatch'), { report: true, lead: 'U02', brief: '有人反映' })).toEqual({ lead: 'U02', brief: '有人反映' })
  })
  it('does at once what asks nothing', () => {
    expect(['sign', 'close'].every(atOnce)).toBe(true)
    expect(atOnce('reply')).toBe(false)
  })
})

describe('the time of an order has one of four meanings', () => {
  const order = (o: Partial<Order>) => ({ state: 'HANDLING', dueTime: '2999-01-01T00:00:00Z', marks: undefined, ...o }) as Order
  const marks = (m: object) => m as Order['marks']
  it('fine, soon, late, held', () => {
    expect(pressureOf(order({}))).toBe('fine')
    expect(pressureOf(order({ marks: marks({ warning: 80 }) }))).toBe('soon')
    expect(pressureOf(order({ marks: marks({ overdue: true }), dueTime: '2020-01-01T00:00:00Z' }))).toBe('late')
    expect(pressureOf(order({ state: 'SUSPENDED' }))).toBe('held')
    expect(pressureOf(order({ marks: marks({ adjudicating: true }) }))).toBe('held')
    expect(pressureOf(order({ dueTime: '' }))).toBe('none')
  })
  it('a clock that stopped says nothing', () => {
    expect(pressureOfClock({ status: 'stopped', warned: 100 })).toBe('none')
    expect(pressureOfClock({ status: 'overdue', warned: 100 })).toBe('late')
  })
  it('knows how much of a span is gone', () => {
    const c = { startTime: '2026-01-01T00:00:00Z', dueTime: '2026-01-02T00:00:00Z' }
    expect(spent(c, Date.parse('2026-01-01T12:00:00Z'))).toBe(50)
    expect(spent(c, Date.parse('2027-01-01T12:00:00Z'))).toBe(100)
  })
})

describe('an address is a filter', () => {
  it('adds its conditions to those of the queue', () => {
    expect(filterOf('state = "A" OR state = "B"', { kind: 'HELP', order: 'x' })).toBe('(state = "A" OR state = "B") AND kind = "HELP"')
    expect(filterOf('', {})).toBe('')
  })
  it('lets nobody break out of the quotes', () => {
    expect(filterOf('', { district: '" OR state = "CLOSED' })).toBe('district = "\\" OR state = \\"CLOSED"')
  })
})

describe('a search knows what it is looking for', () => {
  for (const [typed, kind] of [['1100 0020 2611 2301 0000 0101', 'number'], ['13800000000', 'phone'], ['010-10000000', 'phone'], ['0101', 'tail'], ['路灯', 'words'], ['12', 'words']] as const)
    it(`${typed} is ${kind}`, () => expect(meant(typed).kind).toBe(kind))
})

describe('intake saves typing', () => {
  it('takes the first sentence for the title', () => {
    expect(titleOf('小区门口路灯坏了三天。希望修好')).toBe('小区门口路灯坏了三天')
    expect(titleOf('长'.repeat(60))).toHaveLength(41)
  })
  const entry = (category: string, district: string, keywords: string[]) => ({ category, district, keywords, lead: '', assist: [], ground: '', notToStreet: false, retired: false, etag: '' }) as CatalogueEntry
  it('guesses by the words of the catalogue, the place counting as well', () => {
    const entries = [entry('01', '', ['路灯']), entry('02', '朝阳区', ['噪声']), entry('03', '', ['路灯', '不亮'])]
    expect(guesses(entries, '路灯不亮', '朝阳区').map((g) => g.entry.category)).toEqual(['03', '01'])
    expect(guesses(entries, '夜里噪声', '海淀区')).toEqual([])
  })
})

describe('rooms', () => {
  const may = (...rules: string[]) => (r: string) => rules.includes(r)
  it('shows what a person may call and lands them where their work is', () => {
    expect(home(may('work_order.intake', 'work_order.get'))).toBe('/intake')
    expect(home(may('work_order.get'))).toBe('/orders')
    expect(home(may('account.list', 'directory.edit', 'policy.edit', 'record.list'))).toBe('/people')
    expect(home(may('work_order.get', 'reading.list', 'record.list', 'account.list'))).toBe('/readings')
    expect(home(may())).toBe('/me')
    expect(roomsFor(may('record.list')).map((r) => r.path)).toEqual(['/records'])
  })
})

describe('the tree of units', () => {
  const unit = (code: string, parent: string, retired = false) => ({ code, parent, retired, title: code, kind: 'department', district: '' }) as Unit
  it('puts whose parent is unknown at the top, and leaves out the retired', () => {
    const units = [unit('b', 'a'), unit('a', ''), unit('c', 'gone'), unit('d', 'a', true)]
    expect(flat(units).map((r) => `${r.depth}${r.unit.code}`)).toEqual(['0a', '1b', '0c'])
    expect(flat(units, true).map((r) => `${r.depth}${r.unit.code}`)).toEqual(['0a', '1b', '1d', '0c'])
  })
})

describe('the privacy matrix', () => {
  it('turns a cell from hidden over masked and clear to hidden', () => expect(['hide', 'mask', 'clear'].map(cycle)).toEqual(['mask', 'clear', 'hide']))
  it('is a copy that may be edited', () => {
    const from = { sight: { agent: { detail: { name: 'mask' } } }, reveal: {} }
    const m = matrixOf(from)
    delete m.sight.agent
    expect(from.sight.agent.detail.name).toBe('mask')
  })
})

describe('a long list', () => {
  it('holds only what is in sight and a little more', () => {
    expect(windowOf(0, 640, 64, 10_000)).toEqual({ from: 0, to: 18 })
    expect(windowOf(64 * 5000, 640, 64, 10_000)).toEqual({ from: 4992, to: 5018 })
    expect(windowOf(1e9, 640, 64, 10_000)).toEqual({ from: 10_000, to: 10_000 })
    expect(windowOf(0, 640, 64, 0)).toEqual({ from: 0, to: 0 })
  })
})

describe('the list of keys', () => {
  it('names no key that no screen hears, and none twice', () => {
    const all = legend.flatMap((l) => [...l.keys])
    expect(new Set(all).size).toBe(all.length)
    const screens = (readdirSync('src/staff', { recursive: true }) as string[]).filter((f) => f.endsWith('.vue')).map((f) => readFileSync(join('src/staff', f), 'utf8'))
    const tables = screens.flatMap((s) => [...s.matchAll(/useKeys\(\{([\s\S]*?)\}\)\s*(?:\n|$)/g)].map((m) => m[1] ?? '')).join('\n')
    const heard = (key: string) => (/^alt\+\d$/.test(key) ? tables.includes('`alt+${i + 1}`') : new RegExp(`(^|[\\s,{])'?${key.replace(/[+?/]/g, '\\$&')}'?:`, 'm').test(tables))
    expect(all.filter((key) => !heard(key))).toEqual([])
  })
})
