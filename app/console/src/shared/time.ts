// Moments as people say them. Every city of the platform lives on Beijing time, whatever the machine's clock says.
const zone = 'Asia/Shanghai'

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
})

const dayLength = 86_400_000

interface Local { year: string; month: string; day: string; clock: string }

function local(at: string | number | Date): Local {
  const p = Object.fromEntries(parts.formatToParts(new Date(at)).map((x) => [x.type, x.value]))
  return { year: p.year ?? '', month: p.month ?? '', day: p.day ?? '', clock: `${p.hour}:${p.minute}` }
}

// date is 2026-11-23 in Beijing.
export function date(at: string | number | Date): string {
  const l = local(at)
  return `${l.year}-${l.month}-${l.day}`
}

// moment is 2026-11-23 15:04, the year left out when it is this one.
export function moment(at: string | null | undefined, now: number = Date.now()): string {
  if (!at) return ''
  const l = local(at)
  const year = l.year === local(now).year ? '' : `${l.year}-`
  return `${year}${l.month}-${l.day} ${l.clock}`
}

// daysFrom is how many midnights lie between now and then.
export function daysFrom(at: string, now: number = Date.now()): number {
  return Math.round((Date.parse(date(at)) - Date.parse(date(now))) / dayLength)
}

// weekday is 0 for Sunday.
export function weekday(at: string): number {
  return new Date(`${date(at)}T00:00:00Z`).getUTCDay()
}

// eve is the moment as people count its day: what is due at midnight is due at 24:00 of the day that ends.
const eve = (at: string) => new Date(Date.parse(at) - 1).toISOString()

export type Group = 'overdue' | 'today' | 'tomorrow' | 'week' | 'later' | 'none'

// group is where a due moment stands in somebody's plan of the week (本周 ends on Sunday).
export function group(due: string | null | undefined, now: number = Date.now()): Group {
  if (!due) return 'none'
  if (Date.parse(due) <= now) return 'overdue'
  const days = daysFrom(eve(due), now)
  if (days <= 0) return 'today'
  if (days === 1) return 'tomorrow'
  const today = weekday(new Date(now).toISOString()) || 7
  return days <= 7 - today ? 'week' : 'later'
}

// due is a due moment as short as a list needs it; words are the locale's.
export function due(at: string, words: { today: string; tomorrow: string; yesterday: string; weekdays: string[] }, now: number = Date.now()): string {
  const l = local(at)
  if (l.clock === '00:00') {
    Object.assign(l, local(eve(at)), { clock: '24:00' })
    at = eve(at)
  }
  const days = daysFrom(at, now)
  if (days === 0) return `${words.today} ${l.clock}`
  if (days === 1) return `${words.tomorrow} ${l.clock}`
  if (days === -1) return `${words.yesterday} ${l.clock}`
  const day = `${l.month}-${l.day}`
  const year = l.year === local(now).year ? '' : `${l.year}-`
  return days > 1 && days < 7 ? `${day} ${words.weekdays[weekday(at)]} ${l.clock}` : `${year}${day} ${l.clock}`
}
