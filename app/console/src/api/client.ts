// The one road to the program: a client whose paths and types are generated from api/openapi.yaml.
import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Paths = paths

// An answer carries every field: numbers, words and lists are there even when they are empty; a moment or a message that is not set
// is missing.
export type Whole<T> = T extends string | number | boolean
  ? T
  : T extends (infer U)[]
    ? Whole<U>[]
    : T extends object
      ? { [K in keyof T]-?: NonNullable<T[K]> extends unknown[] | string | number | boolean ? Whole<NonNullable<T[K]>> : Whole<NonNullable<T[K]>> | undefined }
      : T

export type Order = Whole<Schemas['hotline.casework.v1.WorkOrder']>
export type Act = Whole<Schemas['hotline.casework.v1.Act']>
export type Assignment = Whole<Schemas['hotline.casework.v1.Assignment']>
export type Application = Whole<Schemas['hotline.casework.v1.Application']>
export type Attachment = Whole<Schemas['hotline.casework.v1.Attachment']>
export type Clock = Whole<Schemas['hotline.casework.v1.Clock']>
export type OrderEvent = Whole<Schemas['hotline.casework.v1.Event']>
export type Reading = Whole<Schemas['hotline.casework.v1.Reading']>
export type Queue = Whole<Schemas['hotline.casework.v1.Queue']>
export type Hint = Whole<Schemas['hotline.casework.v1.Hint']>
export type Door = Whole<Schemas['hotline.casework.v1.Door']>
export type Suggestion = Whole<Schemas['hotline.casework.v1.Suggestion']>
export type Finding = Whole<Schemas['hotline.casework.v1.Finding']>
export type Petition = Whole<Schemas['hotline.casework.v1.Petition']>
export type Shown = Whole<Schemas['hotline.privacy.Shown']>
export type Unit = Whole<Schemas['hotline.tenant.v1.Unit']>
export type Category = Whole<Schemas['hotline.tenant.v1.Category']>
export type CatalogueEntry = Whole<Schemas['hotline.tenant.v1.CatalogueEntry']>
export type Account = Whole<Schemas['hotline.tenant.v1.Account']>
export type Me = Whole<Schemas['hotline.tenant.v1.Me']>
export type Change = Whole<Schemas['hotline.casework.v1.Change']>
export type Person = Whole<Schemas['hotline.casework.v1.Person']>
export type Transfer = Whole<Schemas['hotline.casework.v1.Transfer']>
export type Region = Whole<Schemas['hotline.casework.v1.Region']>
export type Caller = Whole<Schemas['hotline.casework.v1.RecognizeResponse']>
export type Verdict = Whole<Schemas['hotline.casework.v1.Verdict']>
export type OverdueCell = Whole<Schemas['hotline.casework.v1.OverdueCell']>
export type Letter = Whole<Schemas['hotline.casework.v1.Letter']>
export type Break = Whole<Schemas['hotline.casework.v1.Break']>
export type PreviewedField = Whole<Schemas['hotline.tenant.v1.PreviewedField']>
export type Facts = Schemas['hotline.casework.v1.Facts']
export type Disposition = NonNullable<Schemas['hotline.casework.v1.Door']['disposition']>

// Problem is why a request brought nothing: what the program refused, or that it could not be reached.
export class Problem extends Error {
  constructor(
    readonly status: number, // 0 when the program was not reached
    readonly reason: string,
    message: string,
    readonly trace = '',
    readonly fields: Record<string, string> = {},
  ) {
    super(message)
  }

  get offline() {
    return this.status === 0
  }

  // Somebody else was faster: what was typed is safe, what is shown is old.
  get conflict() {
    return this.reason === 'CONFLICT'
  }
}

// problemOf reads the program's one form of refusal; anything else came from something in between.
export function problemOf(status: number, body: unknown, trace = ''): Problem {
  const e = (typeof body === 'object' && body !== null ? body : {}) as {
    reason?: string
    message?: string
    traceId?: string
    violations?: { field?: string; description?: string }[]
  }
  const fields: Record<string, string> = {}
  for (const v of e.violations ?? []) if (v.field) fields[v.field] = v.description ?? ''
  return new Problem(status, e.reason ?? 'UNKNOWN', e.message ?? '', e.traceId ?? trace, fields)
}

// whole gives the answer of a call, or throws the Problem.
export async function whole<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Whole<T>> {
  let out
  try {
    out = await call
  } catch (e) {
    if (e instanceof Problem) throw e
    throw new Problem(0, 'OFFLINE', '')
  }
  if (!out.response.ok || out.data === undefined) throw problemOf(out.response.status, out.error, out.response.headers.get('X-Trace-Id') ?? '')
  return out.data as Whole<T>
}

// client makes a typed client; send puts in what a request needs beyond its own. What the program refuses it words in the language of
// the screen, not in that of the browser.
export const client = (send: (request: Request) => Promise<Response> = (r) => fetch(r)) =>
  createClient<paths>({
    baseUrl: location.origin,
    fetch: (request) => {
      request.headers.set('Accept-Language', document.documentElement.lang || 'zh-CN')
      return send(request)
    },
  })

// requestId makes a call safe to repeat. crypto.randomUUID is there on https only, and city halls have plain networks.
export function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

// base64 is how a file travels in JSON.
export function base64(file: Blob): Promise<string> {
  return new Promise((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => fail(new Problem(0, 'UNREADABLE', ''))
    reader.readAsDataURL(file)
  })
}
