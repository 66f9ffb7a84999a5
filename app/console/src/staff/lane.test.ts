import { describe, expect, it } from 'vitest'
import type { Transfer } from '../api/client'
import { bodyOf, forms, shownFields, unanswered, type Form } from './acts'
import { age, isCity, papers, pressureOfTransfer, reasonKey, sides, steps, waited } from './lane'
import zh from './locale/zh-CN'

const transfer = (t: Partial<Transfer>) => ({ origin: '110000', originTitle: '北京市', target: '330100', targetTitle: '', custodian: '110000', state: 'offered', signDueTime: '2026-11-23T09:00:00Z', answerDueTime: '2026-11-24T09:00:00Z', reason: '', ...t }) as Transfer

describe('the lane between two cities', () => {
  it('says which side is ours and which is answerable; a city without a name has its code', () => {
    expect(sides(transfer({}), '330100')).toEqual([
      { part: 'origin', city: '110000', title: '北京市', ours: false, custodian: true },
      { part: 'target', city: '330100', title: '330100', ours: true, custodian: false },
    ])
  })
  it('counts to the signing first, then to the answer, then to nothing', () => {
    expect(waited(transfer({ state: 'delivered' }))?.word).toBe('signDue')
    expect(waited(transfer({ state: 'signed' }))).toEqual({ word: 'answerDue', at: '2026-11-24T09:00:00Z' })
    expect(waited(transfer({ state: 'accepted' }))).toBeNull()
    expect(waited(transfer({ state: 'queued', signDueTime: undefined }))).toBeNull()
  })
  it('has a word for each reason of a decline', () => {
    const words = zh.option as Record<string, string>
    for (const o of forms.decline?.fields.find((f) => f.key === 'reason')?.options ?? []) expect(words[reasonKey(transfer({ reason: o.toLowerCase() })).slice('option.'.length)]).toBeTruthy()
  })
})

describe('the forms between two cities', () => {
  const of = (verb: string) => forms[verb] as Form
  it('send a refused consent as one: nobody agrees by leaving a field alone', () => {
    expect(unanswered(of('transfer'), { target: '330100', basis: '属地管理', mode: 'COLD', callsBack: 'TARGET' })).toEqual(['consent'])
    expect(bodyOf(of('transfer'), { target: '330100', basis: '属地管理', mode: 'COLD', callsBack: 'TARGET', consent: false }).consent).toBe(false)
  })
  it('ask for the call only when it moves along', () => {
    expect(shownFields(of('transfer'), { mode: 'COLD' }).some((f) => f.key === 'call')).toBe(false)
    expect(bodyOf(of('transfer'), { mode: 'COLD', call: 'c-1' })).not.toHaveProperty('call')
  })
})

describe('a lane in the list of a region', () => {
  const now = Date.parse('2026-11-23T08:30:00Z')
  it('is late past its moment, near it before, held while it is disputed, and nothing when nobody waits', () => {
    const of = (t: Partial<Transfer>) => pressureOfTransfer(transfer({ startTime: '2026-11-23T01:00:00Z', ...t }), now)
    expect(of({})).toBe('soon')
    expect(of({ signDueTime: '2026-11-23T20:00:00Z' })).toBe('fine')
    expect(of({ signDueTime: '2026-11-23T08:00:00Z' })).toBe('late')
    expect(of({ signDueTime: '2026-11-23T20:00:00Z', overdue: true })).toBe('late')
    expect(of({ state: 'disputed' })).toBe('held')
    expect(of({ state: 'handling' })).toBe('none')
  })
  it('says its age in the unit people use', () => {
    expect(age('2026-11-23T08:00:00Z', now)).toEqual({ unit: 'minutes', n: 30 })
    expect(age('2026-11-23T01:00:00Z', now)).toEqual({ unit: 'hours', n: 7 })
    expect(age('2026-11-20T01:00:00Z', now)).toEqual({ unit: 'days', n: 3 })
    expect(age(undefined, now)).toEqual({ unit: 'minutes', n: 0 })
  })
  it('shows what is behind it and what is to come', () => {
    expect(steps('signed').map((s) => s.is)).toEqual(['done', 'done', 'now', 'open', 'open', 'open', 'open', 'open'])
    expect(steps('called_back').every((s) => s.is === 'done')).toBe(true)
    expect(steps('disputed').map((s) => s.is).slice(0, 3)).toEqual(['done', 'done', 'open'])
    expect(steps('queued').every((s) => s.is === 'open')).toBe(true)
  })
  it('lays the papers of both sides beside each other', () => {
    const act = (act: string, city: string) => ({ act, city, cityTitle: city }) as Transfer['acts'][number]
    const two = papers(transfer({ acts: [act('offer', '110000'), act('decline', '330100'), act('dispute', '110000'), act('dispute', '330100')] }))
    expect(two.map((s) => [s.city, s.acts.length])).toEqual([['110000', 1], ['330100', 2]])
  })
  it('knows a city from a place above the cities', () => {
    expect(['110000', '650100', '100001', '000000'].map(isCity)).toEqual([true, true, false, false])
  })
})
