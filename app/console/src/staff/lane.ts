// A case between two cities (跨域转办) as its lane shows it: who gave it, who gets it, who is answerable, and what is waited for.
import type { Transfer } from '../api/client'
import type { Pressure } from './pressure'

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

const near = 0.2 // of the span that is left before it is urgent, as for the clocks of an order

// pressureOfTransfer says how a transfer stands with its time; a dispute waits for the coordinator, and stands still meanwhile.
export function pressureOfTransfer(t: Transfer, now = Date.now()): Pressure {
  if (t.state === 'disputed') return 'held'
  const due = waited(t)
  if (!due) return 'none'
  const end = Date.parse(due.at)
  if (t.overdue || end < now) return 'late'
  const span = end - Date.parse(t.startTime ?? due.at)
  return span > 0 && (end - now) / span < near ? 'soon' : 'fine'
}

// age is how long ago something was, in the unit that people would say it in.
export function age(at: string | undefined, now = Date.now()): { unit: 'days' | 'hours' | 'minutes'; n: number } {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at ?? '')) / 60_000)) || 0
  if (minutes >= 2880) return { unit: 'days', n: Math.floor(minutes / 1440) }
  return minutes >= 120 ? { unit: 'hours', n: Math.floor(minutes / 60) } : { unit: 'minutes', n: minutes }
}

// way is the straight way of a case between two cities; done are those behind it, and what is aside of it stands at the step it left.
export const way = ['offered', 'delivered', 'signed', 'accepted', 'handling', 'replied', 'concluded', 'called_back'] as const
const aside: Record<string, number> = { queued: -1, declined: 2, disputed: 2, designated: 3, expired: 3, withdrawn: 2 }

export function steps(state: string): { step: string; is: 'done' | 'now' | 'open' }[] {
  const at = (way as readonly string[]).indexOf(state)
  const here = at >= 0 ? at : (aside[state] ?? -1)
  return way.map((step, i) => ({ step, is: i < here || state === 'called_back' ? 'done' : i === here && at >= 0 ? 'now' : 'open' }))
}

// papers are what each city laid down about a case that nobody took: its declines, and its words for the coordinator.
export function papers(t: Transfer): { city: string; title: string; acts: Transfer['acts'] }[] {
  const out = new Map<string, { city: string; title: string; acts: Transfer['acts'] }>()
  for (const city of [{ city: t.origin, title: t.originTitle }]) out.set(city.city, { ...city, acts: [] })
  for (const a of t.acts.filter((x) => ['decline', 'dispute'].includes(x.act))) {
    const one = out.get(a.city) ?? { city: a.city, title: a.cityTitle, acts: [] }
    one.acts.push(a)
    out.set(a.city, one)
  }
  return [...out.values()]
}

// isCity: codes below 110000 belong to places above the cities, GB/T 2260 has none there.
export const isCity = (code: string) => code >= '110000'
