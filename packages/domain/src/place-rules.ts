/**
 * Is this the right gate, by the right means, and is there room? A person at the wrong gate is told which one is right;
 * a full hall is the organizer's choice between asking and denying.
 */
import { personOf } from './identity-rules.ts'
import { deny, gateRule, type Refusal, type Rule, ticketTypeName, zoneName, zoneRule } from './judgement.ts'
import type { Participant } from './participant.ts'
import type { Facts, Reading } from './reading.ts'
import type { EventRules, GateRule } from './rules.ts'

const gatesNamedAtMost = 5

const takesTicketType = (gate: GateRule | undefined, { ticketType }: Participant) =>
  gate?.ticketTypes === undefined || gate.ticketTypes.includes(ticketType)
const takesZone = (gate: GateRule | undefined, { zones }: Participant) =>
  gate?.zone === undefined || zones.includes(gate.zone)

/** Names of the gates where this person would be right. */
function rightGates(rules: EventRules, person: Participant): readonly string[] | undefined {
  const right = Object.values(rules.gates ?? {}).filter(
    (gate) => gate.name !== undefined && takesTicketType(gate, person) && takesZone(gate, person),
  )
  return right.length === 0 ? undefined : right.slice(0, gatesNamedAtMost).map(({ name }) => name ?? '')
}

function wrongTicketType(reading: Reading, facts: Facts): Refusal | undefined {
  const person = personOf(reading, facts)
  const gate = gateRule(facts.rules, reading.gate)
  if (!person || takesTicketType(gate, person)) return undefined
  return deny('wrong-ticket-type', 'other-gate', {
    ticketType: ticketTypeName(facts.rules, person.ticketType),
    here: gate?.ticketTypes?.map((type) => ticketTypeName(facts.rules, type)),
    gates: rightGates(facts.rules, person),
    elsewhere: gate?.elsewhere,
  })
}

function wrongZone(reading: Reading, facts: Facts): Refusal | undefined {
  const person = personOf(reading, facts)
  const gate = gateRule(facts.rules, reading.gate)
  if (!person || takesZone(gate, person)) return undefined
  return deny('wrong-zone', 'other-gate', {
    zone: gate?.zone === undefined ? undefined : zoneName(facts.rules, gate.zone),
    zones: person.zones.map((zone) => zoneName(facts.rules, zone)),
    gates: rightGates(facts.rules, person),
    elsewhere: gate?.elsewhere,
  })
}

function badgeNotEnough(reading: Reading, facts: Facts): Refusal | undefined {
  if (reading.presented.kind !== 'credential' || reading.presented.of !== 'badge') return undefined
  const zone = zoneRule(facts.rules, gateRule(facts.rules, reading.gate)?.zone)
  if (zone?.badgeAdmits !== false) return undefined
  return deny('badge-not-enough', 'qr-ticket', { zone: zone.name ?? zone.id })
}

function full({ rules }: Facts, inside: number, capacity: number, zone?: string): Refusal {
  const { explanation } = deny('full', 'room', { inside, capacity, zone })
  return { outcome: rules.policies?.full ?? 'ask', reason: 'full', explanation }
}

function zoneFull(reading: Reading, facts: Facts): Refusal | undefined {
  const zone = zoneRule(facts.rules, gateRule(facts.rules, reading.gate)?.zone)
  const inside = facts.occupancy?.zone
  if (zone?.capacity === undefined || inside === undefined || inside < zone.capacity) return undefined
  // Who is counted in this zone already takes no further place.
  if (facts.presence?.inside && facts.presence.zone === zone.id) return undefined
  return full(facts, inside, zone.capacity, zone.name ?? zone.id)
}

function eventFull(_reading: Reading, facts: Facts): Refusal | undefined {
  const { capacity } = facts.rules
  const inside = facts.occupancy?.event
  if (capacity === undefined || inside === undefined || inside < capacity || facts.presence?.inside) return undefined
  return full(facts, inside, capacity)
}

export const placeRules: readonly Rule[] = [
  { id: 'ADMIT-20', says: 'a ticket type that this gate does not admit', judge: wrongTicketType },
  { id: 'ADMIT-21', says: 'a zone that the registration does not include', judge: wrongZone },
  { id: 'ADMIT-22', says: 'a badge alone where the zone wants a ticket', judge: badgeNotEnough },
]

export const capacityRules: readonly Rule[] = [
  { id: 'ADMIT-28', says: 'a full zone goes by policy', judge: zoneFull },
  { id: 'ADMIT-29', says: 'a full event goes by policy', judge: eventFull },
]
