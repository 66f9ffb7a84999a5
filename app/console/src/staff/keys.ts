// The keyboard: single keys while nobody types, Ctrl K everywhere. Whoever is on the screen last hears a key first.
import { onBeforeUnmount, onMounted } from 'vue'

export type Keys = Record<string, (e: KeyboardEvent) => void>

const listeners: Keys[] = []

// typing says whether a key belongs to what is being written.
export function typing(target: EventTarget | null): boolean {
  const e = target as HTMLElement | null
  return !!e && (e.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(e.tagName) || !!e.closest?.('[role="combobox"],[role="dialog"]'))
}

// nameOf is how a table of keys names this press: k, ?, Enter, ctrl+k, ctrl+Enter.
export function nameOf(e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key
  return (e.ctrlKey || e.metaKey ? 'ctrl+' : '') + (e.altKey ? 'alt+' : '') + key
}

function hear(e: KeyboardEvent) {
  if (e.defaultPrevented || e.isComposing) return
  const name = nameOf(e)
  if (!name.includes('+') && name !== 'Escape' && typing(e.target)) return
  for (const keys of listeners.toReversed()) {
    const act = keys[name]
    if (!act) continue
    e.preventDefault()
    act(e)
    return
  }
}

if (typeof window !== 'undefined') window.addEventListener('keydown', hear)

export function useKeys(keys: Keys) {
  onMounted(() => listeners.push(keys))
  onBeforeUnmount(() => {
    const i = listeners.indexOf(keys)
    if (i >= 0) listeners.splice(i, 1)
  })
}
