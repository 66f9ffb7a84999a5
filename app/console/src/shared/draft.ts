// What was typed and not yet sent (草稿) stays on this machine, so that a crash or a closed tab loses nothing: under the person's
// login, for half a day, and gone when it was sent or when they sign out.
const prefix = 'hotline.draft.'
const life = 12 * 3600_000

interface Kept<T> { at: number; value: T }

export function keepDraft<T>(key: string, value: T, now = Date.now()) {
  try {
    localStorage.setItem(prefix + key, JSON.stringify({ at: now, value } satisfies Kept<T>))
  } catch {
    // A full or forbidden store must not stop anybody from typing.
  }
}

export function draftOf<T>(key: string, now = Date.now()): T | null {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + key) ?? 'null') as Kept<T> | null
    if (kept && now - kept.at < life) return kept.value
    dropDraft(key)
  } catch {
    dropDraft(key)
  }
  return null
}

export function dropDraft(key: string) {
  localStorage.removeItem(prefix + key)
}

// sweepDrafts forgets what was kept for too long: names and telephones must not stay on a machine that many use.
export function sweepDrafts(now = Date.now()) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) draftOf(key.slice(prefix.length), now)
}

// dropDrafts forgets all drafts whose key begins so.
export function dropDrafts(start: string) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix + start)) localStorage.removeItem(key)
}
