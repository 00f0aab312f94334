/**
 * Is it the time for it? Ticket, registration and event each have a window. A gate that does not know the time cannot deny by
 * one: it asks staff, because "expired" said by a clock that stands in 1970 turns a whole queue away.
 */
import type { Reason } from './decision.ts'
import { personOf } from './identity-rules.ts'
import { ask, defaults, deny, type Need, type Refusal, type Rule } from './judgement.ts'
import type { Facts, Reading } from './reading.ts'

type Values = Readonly<Record<string, number | string | undefined>>

function outOfTime(facts: Facts, reason: Reason, needs: Need, values: Values): Refusal {
  if (facts.clock === 'unknown') return ask('clock-unknown', 'known-time', { would: reason, ...values })
  return deny(reason, needs, values)
}

function signedTicket(reading: Reading) {
  return reading.presented.kind === 'credential' ? reading.presented.signed : undefined
}

function ticketNotYetValid(reading: Reading, facts: Facts): Refusal | undefined {
  const notBeforeSec = signedTicket(reading)?.notBefore ?? 0
  if (notBeforeSec === 0 || reading.at >= notBeforeSec * 1000) return undefined
  return outOfTime(facts, 'not-yet-valid', 'later', { from: notBeforeSec * 1000 })
}

function ticketExpired(reading: Reading, facts: Facts): Refusal | undefined {
  const notAfterSec = signedTicket(reading)?.notAfter ?? 0
  // Whole seconds, the last one included.
  if (notAfterSec === 0 || reading.at < (notAfterSec + 1) * 1000) return undefined
  return outOfTime(facts, 'expired', 'valid-ticket', { until: notAfterSec * 1000 })
}

function notYetValid(reading: Reading, facts: Facts): Refusal | undefined {
  const from = personOf(reading, facts)?.validFrom
  if (from === undefined || reading.at >= from) return undefined
  return outOfTime(facts, 'not-yet-valid', 'later', { from })
}

function expired(reading: Reading, facts: Facts): Refusal | undefined {
  const until = personOf(reading, facts)?.validUntil
  if (until === undefined || reading.at <= until) return undefined
  return outOfTime(facts, 'expired', 'valid-ticket', { until })
}

function outsideHours(reading: Reading, facts: Facts): Refusal | undefined {
  const { startsAt, endsAt, graceSec = defaults.graceSec } = facts.rules
  const opensAt = startsAt === undefined ? undefined : startsAt - graceSec * 1000
  const closesAt = endsAt === undefined ? undefined : endsAt + graceSec * 1000
  if (opensAt !== undefined && reading.at < opensAt) {
    return outOfTime(facts, 'outside-hours', 'event-hours', { when: 'before', opensAt, closesAt })
  }
  if (closesAt !== undefined && reading.at > closesAt) {
    return outOfTime(facts, 'outside-hours', 'event-hours', { when: 'after', opensAt, closesAt })
  }
  return undefined
}

export const ticketTimeRules: readonly Rule[] = [
  { id: 'ADMIT-7', says: 'a signed ticket before its own time', judge: ticketNotYetValid },
  { id: 'ADMIT-8', says: 'a signed ticket after its own time', judge: ticketExpired },
]

export const timeRules: readonly Rule[] = [
  { id: 'ADMIT-17', says: 'a registration before its time', judge: notYetValid },
  { id: 'ADMIT-18', says: 'a registration after its time', judge: expired },
  { id: 'ADMIT-19', says: 'outside the hours of the event and their grace', judge: outsideHours },
]
