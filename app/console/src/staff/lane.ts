// A case between two cities (跨域转办) as its lane shows it: who gave it, who gets it, who is answerable, and what is waited for.
import type { Transfer } from '../api/client'

export interface Side { part: 'origin' | 'target'; city: string; title: string; ours: boolean; custodian: boolean }

export const sides = (t: Transfer, own: string): Side[] => ([['origin', t.origin, t.originTitle], ['target', t.target, t.targetTitle]] as const)
  .map(([part, city, title]) => ({ part, city, title: title || city, ours: city === own, custodian: city === t.custodian }))

// waited is the moment the lane counts to: signing for an offer, then answering it; nothing when it was answered.
export function waited(t: Transfer): { word: 'signDue' | 'answerDue'; at: string } | null {
  if (['offered', 'delivered'].includes(t.state) && t.signDueTime) return { word: 'signDue', at: t.signDueTime }
  if (t.state === 'signed' && t.answerDueTime) return { word: 'answerDue', at: t.answerDueTime }
  return null
}

// The reasons of a decline come as codes in the words of the contract.
export const reasonKey = (t: Transfer) => `option.${t.reason.toUpperCase()}`
