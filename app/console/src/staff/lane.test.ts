import { describe, expect, it } from 'vitest'
import type { Transfer } from '../api/client'
import { bodyOf, forms, shownFields, unanswered, type Form } from './acts'
import { reasonKey, sides, waited } from './lane'
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
