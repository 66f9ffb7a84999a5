// The keyboard: single keys while nobody types, Ctrl K everywhere. Whoever is on the screen last hears a key first.
import { onBeforeUnmount, onMounted } from 'vue'

// legend is every shortcut there is, as the list of keys shows it. The type of a table of keys comes from here: a key that is not in the
// list can't be heard.
export const legend = [
  { keys: ['ctrl+k', '/'], shown: 'Ctrl K · /', word: 'search' },
  { keys: ['j', 'k'], shown: 'J · K', word: 'move' },
  { keys: ['Enter'], shown: 'Enter', word: 'open' },
  { keys: ['a'], shown: 'A', word: 'main' },
  { keys: ['ctrl+Enter'], shown: 'Ctrl Enter', word: 'send' },
  { keys: ['Escape'], shown: 'Esc', word: 'cancel' },
  { keys: ['t'], shown: 'T', word: 'take' },
  { keys: ['x'], shown: 'X', word: 'choose' },
  { keys: ['f'], shown: 'F', word: 'filter' },
  { keys: ['r'], shown: 'R', word: 'refresh' },
  { keys: ['p'], shown: 'P', word: 'print' },
  { keys: ['alt+1', 'alt+2', 'alt+3', 'alt+4', 'alt+5', 'alt+6', 'alt+7'], shown: 'Alt 1–7', word: 'branch' },
  { keys: ['alt+u'], shown: 'Alt U', word: 'urge' },
  { keys: ['alt+b'], shown: 'Alt B', word: 'supplement' },
  { keys: ['n'], shown: 'N', word: 'next' },
  { keys: ['?'], shown: '?', word: 'help' },
] as const

export type Keys = Partial<Record<(typeof legend)[number]['keys'][number], (e: KeyboardEvent) => void>>

const listeners: Keys[] = []

// heard says whether a line of the legend does something on the screen as it stands.
export const heard = (line: (typeof legend)[number]) => line.keys.some((k) => listeners.some((keys) => keys[k]))

// typing says whether a key belongs to what is being written.
export function typing(target: EventTarget | null): boolean {
  const e = target as HTMLElement | null
  return !!e && (e.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(e.tagName) || !!e.closest?.('[role="combobox"],[role="dialog"]'))
}

// pressing says whether Enter belongs to the button or link that has the focus.
const pressing = (e: KeyboardEvent) => e.key === 'Enter' && !!(e.target as HTMLElement | null)?.closest?.('button, a, summary, [role="button"]')

// nameOf is how a table of keys names this press: k, ?, Enter, ctrl+k, ctrl+Enter.
export function nameOf(e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key
  return (e.ctrlKey || e.metaKey ? 'ctrl+' : '') + (e.altKey ? 'alt+' : '') + key
}

function hear(e: KeyboardEvent) {
  if (e.defaultPrevented || e.isComposing) return
  const name = nameOf(e)
  if (!name.includes('+') && name !== 'Escape' && (typing(e.target) || pressing(e))) return
  const act = listeners.toReversed().find((keys) => keys[name as keyof Keys])?.[name as keyof Keys]
  if (!act) return
  e.preventDefault()
  act(e)
}

// Keys with Ctrl or Alt are heard on the way down: a chooser that takes Enter for itself must not take Ctrl Enter.
if (typeof window !== 'undefined') {
  window.addEventListener('keydown', (e) => { if (nameOf(e).includes('+')) hear(e) }, { capture: true })
  window.addEventListener('keydown', (e) => { if (!nameOf(e).includes('+')) hear(e) })
}

export function useKeys(keys: Keys) {
  onMounted(() => listeners.push(keys))
  onBeforeUnmount(() => {
    const i = listeners.indexOf(keys)
    if (i >= 0) listeners.splice(i, 1)
  })
}
