// The short form of each act: which fields a person fills in. Whether the act may be done, and why not, is the program's to say
// (order.acts); what is wrong with a field as well.
import type { Order } from '../api/client'

export type Kind = 'text' | 'area' | 'yesno' | 'choice' | 'unit' | 'units' | 'category' | 'number' | 'date' | 'order' | 'city'

export interface Field {
  key: string // as the request names it; a dot leads into a message
  kind: Kind
  must?: boolean
  options?: string[] // of a choice; words under option.<key>
  rows?: number
  when?: (v: Values) => boolean
  units?: string[] // kinds of units to choose from
}

export type Values = Record<string, unknown>

export interface Form {
  fields: Field[]
  start?: (o: Order) => Values
  decides?: boolean // it is about an application
}

const words: Field = { key: 'words', kind: 'area', must: true }
const decision: Form = { decides: true, fields: [{ key: 'uphold', kind: 'yesno', must: true }, words] }
const upheld = (v: Values) => v.uphold === true
const designates = (v: Values) => v.stands !== true

export const forms: Record<string, Form> = {
  answer: { fields: [{ key: 'answer', kind: 'area', must: true, rows: 5 }, { key: 'citation', kind: 'text', must: true }] },
  redirect: {
    fields: [
      { key: 'disposition', kind: 'choice', must: true, options: ['EMERGENCY_TRANSFER', 'LEGAL_CHANNEL', 'EXPLAIN_DECLINE', 'POLICE_REFERRAL'] },
      { key: 'reason', kind: 'text', must: true },
      { key: 'told', kind: 'area', must: true },
    ],
  },
  hand_off: {
    fields: [
      { key: 'unit', kind: 'unit', must: true, units: ['emergency', 'utility'] },
      { key: 'outcome', kind: 'choice', must: true, options: ['TAKEN', 'KEPT', 'BOTH'] },
      { key: 'threeWay', kind: 'yesno' },
      { key: 'lifeAtRisk', kind: 'yesno' },
      words,
    ],
  },
  hand_back: { fields: [{ key: 'reason', kind: 'text', must: true }, { key: 'words', kind: 'area' }] },
  dispatch: {
    fields: [
      { key: 'category', kind: 'category' },
      { key: 'lead', kind: 'unit', must: true },
      { key: 'assist', kind: 'units' },
      { key: 'instruction', kind: 'area' },
      { key: 'brief', kind: 'area', when: (v) => v.report === true },
    ],
    start: (o) => ({ report: o.kind === 'REPORT' }),
  },
  transfer: {
    fields: [
      { key: 'target', kind: 'city', must: true },
      { key: 'basis', kind: 'text', must: true },
      { key: 'consent', kind: 'yesno', must: true },
      { key: 'mode', kind: 'choice', must: true, options: ['COLD', 'HOT'] },
      { key: 'call', kind: 'text', when: (v) => v.mode === 'HOT' },
      { key: 'callsBack', kind: 'choice', must: true, options: ['TARGET', 'ORIGIN'] },
      { key: 'targetCategory', kind: 'text' },
      { key: 'done', kind: 'area' },
    ],
    start: (o) => ({ target: o.targetCity, mode: 'COLD', callsBack: 'TARGET' }),
  },
  recall: { fields: [{ key: 'reason', kind: 'area', must: true }] },
  refer: { fields: [{ key: 'basis', kind: 'text', must: true }, words] },
  sign_for: { fields: [] },
  accept: { fields: [] },
  decline: {
    fields: [
      { key: 'reason', kind: 'choice', must: true, options: ['NOT_OUR_PLACE', 'NOT_OUR_DUTY', 'INCOMPLETE', 'ALREADY_HERE'] },
      { key: 'basis', kind: 'text', must: true },
      { key: 'responsible', kind: 'city', must: true },
      words,
    ],
  },
  merge: { fields: [{ key: 'main', kind: 'order', must: true }, words], start: (o) => ({ main: o.repeatOf }) },
  split: { fields: [words] },
  sign: { fields: [] },
  contact: {
    fields: [
      { key: 'reached', kind: 'yesno', must: true },
      { key: 'means', kind: 'choice', must: true, options: ['phone', 'visit', 'message', 'relay'] },
      { key: 'note', kind: 'area', must: true },
    ],
    start: () => ({ means: 'phone' }),
  },
  await: { fields: [{ key: 'question', kind: 'area', must: true }] },
  delegate: { fields: [{ key: 'unit', kind: 'unit', must: true }, { key: 'instruction', kind: 'area' }] },
  reply: {
    fields: [
      { key: 'draft.publicPart', kind: 'area', must: true, rows: 9 },
      {
        key: 'draft.conclusion', kind: 'choice', must: true,
        options: ['SOLVED', 'PARTLY_SOLVED', 'EXPLAINED', 'TO_LEGAL_PROCEDURE', 'UNFOUNDED', 'UNREASONABLE', 'BEYOND_DUTY', 'UNREACHABLE'],
      },
      { key: 'draft.measures', kind: 'area' },
      { key: 'draft.ground', kind: 'text' },
      { key: 'draft.internalPart', kind: 'area' },
    ],
  },
  review: { fields: [{ key: 'pass', kind: 'yesno', must: true }, { key: 'remark', kind: 'area' }] },
  callback: {
    fields: [
      { key: 'channel', kind: 'choice', must: true, options: ['phone', 'sms', 'web'] },
      { key: 'reached', kind: 'yesno', must: true },
      { key: 'contacted', kind: 'yesno', must: true, when: (v) => v.reached === true },
      { key: 'solved', kind: 'yesno', must: true, when: (v) => v.reached === true },
      { key: 'resultGrade', kind: 'choice', when: (v) => v.reached === true, options: ['VERY_SATISFIED', 'SATISFIED', 'FAIRLY_SATISFIED', 'DISSATISFIED', 'VERY_DISSATISFIED'] },
      { key: 'attitudeGrade', kind: 'choice', when: (v) => v.reached === true, options: ['VERY_SATISFIED', 'SATISFIED', 'FAIRLY_SATISFIED', 'DISSATISFIED', 'VERY_DISSATISFIED'] },
      { key: 'words', kind: 'area', when: (v) => v.reached === true },
    ],
    start: () => ({ channel: 'phone' }),
  },
  close: { fields: [] },
  reopen: { fields: [{ key: 'reason', kind: 'area', must: true }] },
  supplement: { fields: [{ key: 'facts', kind: 'area', must: true }] },
  return: {
    fields: [
      { key: 'reason', kind: 'choice', must: true, options: ['OTHER_PLACE', 'OTHER_DUTY', 'UNCLEAR_OWNER', 'SHARED_DUTY', 'INSUFFICIENT', 'DUPLICATE', 'IN_PROCEDURE', 'OTHER'] },
      { key: 'ground', kind: 'area', must: true },
      { key: 'suggestedUnit', kind: 'unit', when: (v) => !['INSUFFICIENT', 'DUPLICATE', 'IN_PROCEDURE'].includes(String(v.reason)) },
      { key: 'evidence', kind: 'area' },
    ],
  },
  hear: { decides: true, fields: [{ key: 'agree', kind: 'yesno', must: true }, words] },
  decide_return: {
    decides: true,
    fields: [
      ...decision.fields,
      { key: 'lead', kind: 'unit', when: upheld },
      { key: 'assist', kind: 'units', when: upheld },
      { key: 'instruction', kind: 'area', when: upheld },
    ],
  },
  dispute: { decides: true, fields: [{ key: 'ground', kind: 'area', must: true }] },
  adjudicate: {
    decides: true,
    fields: [
      { key: 'stands', kind: 'yesno', when: (v) => v.concluded === true },
      { key: 'lead', kind: 'unit', when: designates },
      { key: 'assist', kind: 'units', when: designates },
      words,
      { key: 'catalogue', kind: 'yesno', when: designates },
    ],
    start: (o) => ({ concluded: o.state === 'CONCLUDED' }),
  },
  extend: { fields: [{ key: 'days', kind: 'number', must: true }, { key: 'reason', kind: 'text', must: true }, { key: 'ground', kind: 'area', must: true }] },
  decide_extension: decision,
  suspend: {
    fields: [
      { key: 'reason', kind: 'choice', must: true, options: ['season', 'engineering', 'history'] },
      { key: 'untilTime', kind: 'date', must: true },
      { key: 'responsible', kind: 'text', must: true },
      { key: 'milestones', kind: 'area', must: true },
      { key: 'ground', kind: 'area', must: true },
    ],
  },
  decide_suspension: decision,
  review_suspension: decision,
  resume: { fields: [words] },
  claim_unreasonable: { fields: [{ key: 'ground', kind: 'area', must: true }, { key: 'evidence', kind: 'area', must: true }] },
  decide_unreasonable: decision,
  decide_appeal: decision,
  appeal_score: {
    fields: [
      { key: 'figure', kind: 'choice', must: true, options: ['RESPONSE', 'SOLVED_RATE', 'SATISFACTION', 'TIMELINESS'] },
      { key: 'ground', kind: 'area', must: true },
      { key: 'evidence', kind: 'area', must: true },
    ],
  },
  decide_score_appeal: decision,
  decide_contest: decision,
  urge: { fields: [words] },
  supervise: { fields: [{ key: 'supervised', kind: 'yesno', must: true }, words], start: (o) => ({ supervised: !o.marks?.supervised }) },
  escalate: { fields: [words] },
  reclaim: { fields: [{ key: 'reason', kind: 'area', must: true }] },
}

// atOnce are the acts that ask nothing: one press does them.
export const atOnce = (verb: string) => forms[verb]?.fields.length === 0

// shownFields are the fields that the answers so far call for.
export function shownFields(form: Form, values: Values): Field[] {
  return form.fields.filter((f) => !f.when || f.when(values))
}

// unanswered are the shown fields that must be filled in and are not.
export function unanswered(form: Form, values: Values): string[] {
  return shownFields(form, values)
    .filter((f) => f.must && (values[f.key] === undefined || values[f.key] === null || String(values[f.key]).trim() === ''))
    .map((f) => f.key)
}

// bodyOf is what is sent: only fields that are shown and have something in them, dotted keys put into their message.
export function bodyOf(form: Form, values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const f of shownFields(form, values)) {
    const value = values[f.key]
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) continue
    const [outer = '', inner] = f.key.split('.')
    if (inner) body[outer] = { ...(body[outer] as object | undefined), [inner]: value }
    else body[outer] = value
  }
  if (form.decides && values.application) body.application = values.application
  return body
}
