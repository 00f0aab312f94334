/**
 * The shape of one rule of `decide` and of what it may say. A rule takes the reading and the facts and either has no objection
 * (undefined) or refuses with a reason and what would have to be different; it never opens anything and never throws.
 */
import type { Explanation, Reason } from './decision.ts'
import type { Facts, Reading } from './reading.ts'
import type { EventRules, GateRule, ZoneRule } from './rules.ts'

export type RuleId = `ADMIT-${number}`

/** Every code that an explanation's `needs` can have. */
export type Need =
  | 'readable-ticket'
  | 'known-key'
  | 'genuine-ticket'
  | 'ticket-of-this-event'
  | 'roster'
  | 'one-person'
  | 'registration'
  | 'active-registration'
  | 'unblocking'
  | 'other-credential'
  | 'payment'
  | 'approval'
  | 'later'
  | 'valid-ticket'
  | 'event-hours'
  | 'known-time'
  | 'other-gate'
  | 'qr-ticket'
  | 'window-passed'
  | 'exit-first'
  | 'more-entries'
  | 'room'
  /** An answer given again, when today's facts would give another. */
  | 'as-before'
  | ConditionNeed

export type ConditionNeed =
  | 'time-of-day'
  | 'weekday'
  | 'date'
  | 'not-date'
  | 'entries'
  | 'entries-today'
  | 'days-entered'
  | 'entries-since'
  | 'entries-before'
  | 'minutes-since-first-entry'
  | 'minutes-since-last-entry'
  | 'inside'
  | 'outside'
  | 'gate'
  | 'not-gate'
  | 'zone'
  | 'not-zone'
  | 'ticket-type'
  | 'not-ticket-type'
  | 'newer-software'

export interface Refusal {
  readonly outcome: 'deny' | 'ask'
  readonly reason: Reason
  readonly explanation: Explanation
}

export interface Rule {
  readonly id: RuleId
  /** The rule as a sentence, the same as in docs/rules.md. */
  readonly says: string
  readonly judge: (reading: Reading, facts: Facts) => Refusal | undefined
}

type Value = string | number | boolean | readonly string[]

/** An explanation without the values that are not known. */
export function explain(needs: Need, values: Readonly<Record<string, Value | undefined>> = {}): Explanation {
  const known: Record<string, Value> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) known[name] = value
  }
  return Object.keys(known).length === 0 ? { needs } : { needs, with: known }
}

export function deny(reason: Reason, needs: Need, values?: Readonly<Record<string, Value | undefined>>): Refusal {
  return { outcome: 'deny', reason, explanation: explain(needs, values) }
}

export function ask(reason: Reason, needs: Need, values?: Readonly<Record<string, Value | undefined>>): Refusal {
  return { outcome: 'ask', reason, explanation: explain(needs, values) }
}

/** Record lookups by ids that came from outside must not find what every object inherits. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

export function gateRule(rules: EventRules, gate: string): GateRule | undefined {
  return own(rules.gates, gate)
}

export function zoneRule(rules: EventRules, zone: string | undefined): ZoneRule | undefined {
  return rules.zones?.find((each) => each.id === zone)
}

export function zoneName(rules: EventRules, zone: string): string {
  return zoneRule(rules, zone)?.name ?? zone
}

export function ticketTypeName(rules: EventRules, ticketType: string): string {
  return own(rules.ticketTypes, ticketType)?.name ?? ticketType
}

export const defaults = { graceSec: 3600, duplicateWindowSec: 300, repeatWindowSec: 10 } as const

/** Within the window on either side: the clocks of two lanes differ a little, and a clock may be set back. */
export function isWithin(at: number, other: number, windowSec: number): boolean {
  return Math.abs(at - other) < windowSec * 1000
}
