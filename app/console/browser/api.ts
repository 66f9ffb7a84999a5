// What a test sets up beside the browser, by the same API and as the people whose step it is.
import { base, password } from './people'

const tokens = new Map<string, string>()

export async function ask<T = Record<string, unknown>>(login: string, method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  if (!tokens.has(login)) {
    const out = await fetch(`${base}/v1/sessions:login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ login, password }) })
    tokens.set(login, ((await out.json()) as { tokens: { accessToken: string } }).tokens.accessToken)
  }
  const response = await fetch(base + path, { method, headers: { Authorization: `Bearer ${tokens.get(login)}`, 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}

// until asks again and again until what it gets is right.
export async function until<T>(what: string, read: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 60_000
  for (;;) {
    const got = await read()
    if (got) return got
    if (Date.now() > end) throw new Error(`never came about: ${what}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}
