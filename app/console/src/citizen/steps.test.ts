import { describe, expect, it } from 'vitest'
import { blank, missingIn } from './steps'

describe('the three steps of a request', () => {
  it('first ask what, in a few words at least', () => {
    expect(missingIn(1, { ...blank(), words: '路灯' })).toEqual({ kind: 'file.needKind', words: 'file.short' })
    expect(missingIn(1, { ...blank(), kind: 'HELP', words: '路灯坏了三天' })).toEqual({})
  })
  it('leave the place open: not everything has one', () => expect(missingIn(2, blank())).toEqual({}))
  it('ask for a number that can be called', () => {
    expect(missingIn(3, blank())).toEqual({ phone: 'file.needPhone' })
    expect(missingIn(3, { ...blank(), phone: '13800000000' })).toEqual({})
    expect(missingIn(3, { ...blank(), phone: '010-10000000' })).toEqual({})
  })
})
