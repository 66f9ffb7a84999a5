// The rooms of the console and what a person must be allowed to call to find them useful. Queues are not here: the program names them.
export interface Room { path: string; icon: string; needs: string; group: 'call' | 'work' | 'city' | 'audit' }

export const rooms: Room[] = [
  { path: '/intake', icon: 'phone', needs: 'work_order.intake', group: 'call' },
  { path: '/search', icon: 'search', needs: 'work_order.search', group: 'call' },
  { path: '/board', icon: 'grid', needs: 'report.get', group: 'call' },
  { path: '/applications', icon: 'flag', needs: 'work_order.get', group: 'work' },
  { path: '/clusters', icon: 'pin', needs: 'work_order.cluster', group: 'work' },
  { path: '/overdue', icon: 'grid', needs: 'work_order.supervise', group: 'work' },
  { path: '/transfers', icon: 'lane', needs: 'region.get', group: 'work' },
  { path: '/progress', icon: 'grid', needs: 'progress.get', group: 'work' },
  { path: '/people', icon: 'people', needs: 'account.list', group: 'city' },
  { path: '/units', icon: 'tree', needs: 'directory.edit', group: 'city' },
  { path: '/categories', icon: 'grid', needs: 'directory.edit', group: 'city' },
  { path: '/catalogue', icon: 'send', needs: 'directory.edit', group: 'city' },
  { path: '/rules', icon: 'book', needs: 'policy.edit', group: 'city' },
  { path: '/privacy', icon: 'lock', needs: 'policy.edit', group: 'city' },
  { path: '/list', icon: 'stamp', needs: 'question.list', group: 'city' },
  { path: '/numbers', icon: 'phone', needs: 'number.list', group: 'city' },
  { path: '/readings', icon: 'eye', needs: 'reading.list', group: 'audit' },
  { path: '/records', icon: 'list', needs: 'record.list', group: 'audit' },
]

export const roomsFor = (may: (rule: string) => boolean) => rooms.filter((r) => may(r.needs))

// home is where a person lands: whoever answers the telephone at the call, who looks after others' work at the board, everybody else where
// their own work waits.
export function home(may: (rule: string) => boolean): string {
  if (may('work_order.intake')) return '/intake'
  if (may('report.get')) return '/board'
  if (may('record.list') && !may('policy.edit')) return '/readings'
  if (may('work_order.get')) return '/orders'
  return roomsFor(may)[0]?.path ?? '/me'
}
