/**
 * Have they come in already? Duplicate, anti-passback and the number of entries, all from the folded presence. A person who
 * left may come again when the ticket allows it; every admitted entry counts, also one from one zone into another.
 */
import { personOf } from './identity-rules.ts'
import { defaults, deny, gateRule, isWithin, type Refusal, type Rule } from './judgement.ts'
import type { Participant } from './participant.ts'
import type { Facts, Reading } from './reading.ts'

/** When the same way was last gone at this very gate, if nothing newer is known. */
function lastHere(reading: Reading, { presence, earlier }: Facts): number | undefined {
  if (earlier?.outcome === 'admit' && (presence === undefined || presence.lastAt <= earlier.at)) {
    return earlier.direction === reading.direction ? earlier.at : undefined
  }
  if (presence?.lastGate !== reading.gate || presence.lastDirection !== reading.direction) return undefined
  return presence.lastAt
}

function duplicate(reading: Reading, facts: Facts): Refusal | undefined {
  const windowSec = facts.rules.duplicateWindowSec ?? defaults.duplicateWindowSec
  const at = lastHere(reading, facts)
  if (at === undefined || !isWithin(reading.at, at, windowSec)) return undefined
  return deny('duplicate', 'window-passed', { lastAt: at, until: at + windowSec * 1000 })
}

function alreadyInside(reading: Reading, facts: Facts): Refusal | undefined {
  const person = personOf(reading, facts)
  const { presence, rules } = facts
  if (!person || person.entryPolicy === 'unlimited' || rules.policies?.antiPassback === false) return undefined
  if (!presence?.inside) return undefined
  // From the event into a zone, or from one zone into another, is a move and not a second entry.
  const zone = gateRule(rules, reading.gate)?.zone
  if (zone !== undefined && presence.zone !== zone) return undefined
  return deny('already-inside', 'exit-first', {
    lastAt: presence.lastAt,
    gate: gateRule(rules, presence.lastGate)?.name,
  })
}

function entriesAllowed({ entryPolicy, maxEntries }: Participant): number | undefined {
  return entryPolicy === 'once' ? 1 : maxEntries
}

function entriesUsedUp(reading: Reading, facts: Facts): Refusal | undefined {
  const person = personOf(reading, facts)
  const allowed = person && entriesAllowed(person)
  const entries = facts.presence?.entries ?? 0
  if (allowed === undefined || entries < allowed) return undefined
  return deny('entries-used-up', 'more-entries', { entries, allowed, lastAt: facts.presence?.lastAt })
}

export const entryRules: readonly Rule[] = [
  { id: 'ADMIT-23', says: 'the same gate again within the duplicate window', judge: duplicate },
  { id: 'ADMIT-24', says: 'who is inside leaves before entering again', judge: alreadyInside },
  { id: 'ADMIT-25', says: 'all entries of the ticket are used', judge: entriesUsedUp },
]
