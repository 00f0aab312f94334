/**
 * What the organizer wrote in the rule language for a ticket type and for a gate. A condition that fails only because the
 * gate does not know the time, or that this software does not understand, asks staff instead of denying.
 */
import type { Condition } from './condition.ts'
import type { ConditionContext } from './condition-leaves.ts'
import type { Explanation } from './decision.ts'
import { evaluate } from './evaluate-condition.ts'
import { personOf } from './identity-rules.ts'
import { ask, gateRule, own, type Refusal, type Rule, ticketTypeName, zoneName } from './judgement.ts'
import type { Facts, Reading } from './reading.ts'
import type { EventRules } from './rules.ts'

function contextOf(reading: Reading, facts: Facts): ConditionContext {
  const ticketType = personOf(reading, facts)?.ticketType
  const zone = gateRule(facts.rules, reading.gate)?.zone
  return {
    at: reading.at,
    timeZone: facts.rules.timeZone ?? 'UTC',
    clock: facts.clock,
    gate: reading.gate,
    ...(zone !== undefined && { zone }),
    ...(ticketType !== undefined && { ticketType }),
    ...(facts.presence && { presence: facts.presence }),
    ...(facts.entryTimes && { entryTimes: facts.entryTimes }),
  }
}

/** Ids of gates, zones and ticket types become the names the organizer gave them. */
function inNames(rules: EventRules, { needs, with: values = {} }: Explanation): Explanation {
  const named = (list: unknown, name: (id: string) => string) =>
    Array.isArray(list) ? list.map((id) => name(String(id))) : []
  if (needs === 'gate')
    return { needs, with: { ...values, gates: named(values.gates, (id) => gateRule(rules, id)?.name ?? id) } }
  if (needs === 'zone') return { needs, with: { ...values, zones: named(values.zones, (id) => zoneName(rules, id)) } }
  if (needs !== 'ticket-type') return { needs, with: values }
  return { needs, with: { ...values, ticketTypes: named(values.ticketTypes, (id) => ticketTypeName(rules, id)) } }
}

function judgeCondition(condition: Condition | undefined, reading: Reading, facts: Facts): Refusal | undefined {
  if (condition === undefined) return undefined
  const { needs, uncertain } = evaluate(condition, contextOf(reading, facts))
  if (uncertain === 'not-understood') return ask('rule', 'newer-software')
  if (needs === undefined) return undefined
  if (uncertain === 'clock') return ask('clock-unknown', 'known-time', { would: 'rule' })
  return { outcome: 'deny', reason: 'rule', explanation: inNames(facts.rules, needs) }
}

function ticketTypeCondition(reading: Reading, facts: Facts): Refusal | undefined {
  const person = personOf(reading, facts)
  return person && judgeCondition(own(facts.rules.ticketTypes, person.ticketType)?.condition, reading, facts)
}

function gateCondition(reading: Reading, facts: Facts): Refusal | undefined {
  return judgeCondition(gateRule(facts.rules, reading.gate)?.condition, reading, facts)
}

export const conditionRules: readonly Rule[] = [
  { id: 'ADMIT-26', says: 'what the ticket type asks for', judge: ticketTypeCondition },
  { id: 'ADMIT-27', says: 'what the gate asks for', judge: gateCondition },
]
