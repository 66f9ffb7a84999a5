// Both languages say the same things, every key that the screens use exists, and every act has its form.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import citizenEn from './citizen/en'
import citizenZh from './citizen/zh-CN'
import en from './staff/locale/en'
import zh from './staff/locale/zh-CN'
import { forms } from './staff/acts'

type Tree = { [key: string]: Tree | string | string[] }
const keysOf = (t: Tree, at = ''): string[] => Object.entries(t).flatMap(([k, v]) => (typeof v === 'object' && !Array.isArray(v) ? keysOf(v, `${at}${k}.`) : [at + k]))

const sources = (dir: string) => (readdirSync(dir, { recursive: true }) as string[]).filter((f) => /\.(vue|ts)$/.test(f) && !/test|locale/.test(f)).map((f) => readFileSync(join(dir, f), 'utf8'))
const used = (dir: string) => new Set(sources(dir).flatMap((s) => [...s.matchAll(/\bt[m]?\('([\w.]+)'/g)].map((m) => m[1] ?? '')))

describe.each([['console', 'src/staff', zh, en], ['citizen', 'src/citizen', citizenZh, citizenEn]] as const)('the words of the %s', (_, dir, chinese, english) => {
  const have = keysOf(chinese as unknown as Tree)
  it('are the same in both languages', () => expect(keysOf(english as unknown as Tree).sort()).toEqual([...have].sort()))
  it('are all there', () => expect([...used(dir)].filter((k) => !have.some((h) => h === k || h.startsWith(`${k}.`)))).toEqual([]))
  it('leave nothing empty but what stands for “not stated”', () => {
    const at = (t: Tree, key: string) => key.split('.').reduce<unknown>((v, k) => (v as Tree)[k], t)
    const empty = have.filter((k) => !String(at(chinese as unknown as Tree, k)) && !/UNSPECIFIED$|pressure\.none$/.test(k))
    expect(empty).toEqual([])
  })
})

describe('what the contract can say has a word', () => {
  const schema = readFileSync('src/api/schema.d.ts', 'utf8')
  const enumOf = (field: string, message: string) => {
    const body = schema.split(`"${message}": {`)[1] ?? ''
    return [...(new RegExp(`\\b${field}\\?: ([^;]+);`).exec(body)?.[1] ?? '').matchAll(/"(\w+)"/g)].map((m) => m[1] ?? '')
  }
  it.each([
    ['state', zh.orderState], ['kind', zh.kind], ['urgency', zh.urgency], ['channel', zh.channel], ['disposition', zh.disposition], ['conclusion', zh.conclusion],
  ])('%s of an order', (field, words) => {
    const values = enumOf(field, 'hotline.casework.v1.WorkOrder')
    expect(values.length).toBeGreaterThan(3)
    expect(values.filter((v) => !(v in words))).toEqual([])
  })
})

describe('forms', () => {
  it('are there for every act that the program may offer', () => {
    const acts = Object.keys(zh.verb)
    // Done by a file, by one press without a form, by the citizen, by the clock, or before there is an order.
    const without = ['attach', 'invite_rating', 'intake', 'withdraw', 'rate', 'appeal', 'contest', 'correct', 'join', 'conclude', 'climb', 'lapse', 'relay']
    expect(acts.length).toBeGreaterThan(50)
    expect(acts.filter((a) => !without.includes(a) && !(a in forms))).toEqual([])
  })
  it('name every field', () => {
    const named = keysOf(zh as unknown as Tree)
    const missing = Object.entries(forms).flatMap(([verb, f]) => f.fields.filter((x) => ![`act.${verb}.${x.key.replace('.', '_')}`, `field.${x.key.replace('.', '_')}`].some((k) => named.includes(k))).map((x) => `${verb}.${x.key}`))
    expect(missing).toEqual([])
  })
  it('name every choice', () => {
    const words = zh.option as Record<string, string>
    expect(Object.values(forms).flatMap((f) => f.fields.flatMap((x) => x.options ?? [])).filter((o) => !(o in words))).toEqual([])
  })
})
