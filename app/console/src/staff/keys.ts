// The keyboard: single keys while nobody types, Ctrl K everywhere. Whoever is on the screen last hears a key first.
import { onBeforeUnmount, onMounted } from 'vue'

export type Keys = Record<string, (e: KeyboardEvent) => void>

const listeners: Keys[] = []

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
  const act = listeners.toReversed().find((keys) => keys[name])?.[name]
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
