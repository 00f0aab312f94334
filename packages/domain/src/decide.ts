/**
 * The judge: one reading and what the gate knew at that instant become one decision. It is pure and total, so a decision of
 * last month can be replayed from its two arguments, and the gate, the pages, the cloud and the simulator all agree. If it were
 * wrong, a stranger would walk in or a guest would stand outside; so each rule is small, numbered and has its own test.
 *
 * In this order (docs/rules.md has the same table with what each rule needs):
 *
 *   ADMIT-1…4    unreadable · unknown key · bad signature · other event. Nothing overrides these: there is no person in them.
 *   ADMIT-5      the same reading again is answered as before, and opens nothing
 *   ADMIT-6      an exit is always allowed
 *   ADMIT-7, 8   the signed ticket's own times (before any look into the roster)
 *   ADMIT-9…12   who is it: empty roster · ambiguous · signed but unknown · unknown
 *   ADMIT-13…16  do they count: cancelled · blocked · revoked · not paid, not approved
 *   ADMIT-17…19  is it time: not yet valid · expired · outside hours
 *   ADMIT-20…22  is it the place: ticket type · zone · badge alone
 *   ADMIT-23…25  did they come already: duplicate · inside · entries used up
 *   ADMIT-26, 27 what ticket type and gate ask for, in the rule language
 *   ADMIT-28, 29 is there room: zone · event
 *   ADMIT-30     staff admit against any of 5…29, with a note
 *
 * The first rule that denies gives the reason. A rule that asks is heard only if none denies: staff are called when they can
 * still say yes, and a clock that is not trusted never hides that the ticket was cancelled.
 */
import { conditionRules } from './condition-rules.ts'
import type { Decision, Explanation, Reason } from './decision.ts'
import { entryRules } from './entry-rules.ts'
import { identityRules, isSigned, personOf, readingRules } from './identity-rules.ts'
import type { ParticipantId } from './ids.ts'
import { defaults, isWithin, own, type Refusal, type Rule, type RuleId } from './judgement.ts'
import { capacityRules, placeRules } from './place-rules.ts'
import type { Earlier, Facts, Reading } from './reading.ts'
import { ticketTimeRules, timeRules } from './time-rules.ts'

const repeatRule: RuleId = 'ADMIT-5'
const exitRule: RuleId = 'ADMIT-6'
const overrideRule: RuleId = 'ADMIT-30'

const enteringRules: readonly Rule[] = [
  ...ticketTimeRules,
  ...identityRules,
  ...timeRules,
  ...placeRules,
  ...entryRules,
  ...conditionRules,
  ...capacityRules,
]

/** Every rule by its number and as a sentence, in the order in which they are asked. */
export const admissionRules: readonly { readonly id: RuleId; readonly says: string }[] = [
  ...readingRules,
  { id: repeatRule, says: 'the same reading again is answered as before' },
  { id: exitRule, says: 'an exit is always allowed' },
  ...enteringRules,
  { id: overrideRule, says: 'staff admit against a rule, with a note' },
].map(({ id, says }) => ({ id, says }))

type Judged = Refusal & { readonly rule: RuleId }

function refusalOf(rules: readonly Rule[], reading: Reading, facts: Facts): Judged | undefined {
  let asked: Judged | undefined
  for (const rule of rules) {
    const refusal = rule.judge(reading, facts)
    if (refusal?.outcome === 'deny') return { ...refusal, rule: rule.id }
    if (refusal) asked ??= { ...refusal, rule: rule.id }
  }
  return asked
}

function whose(
  reading: Reading,
  facts: Facts,
): { readonly direction: Reading['direction']; readonly participant?: ParticipantId } {
  const person = personOf(reading, facts)
  return { direction: reading.direction, ...(person && { participant: person.id }) }
}

function flagged(flags: readonly string[]): { readonly flags?: readonly string[] } {
  return flags.length === 0 ? {} : { flags }
}

function overrideIn({ override }: Reading): boolean {
  return override !== undefined && override.staff.trim() !== '' && override.note.trim() !== ''
}

/** A repeated refusal is explained from today's facts while they still give the same reason. */
function explainAgain(reason: Reason, reading: Reading, before: Facts): Explanation {
  const { earlier: _, ...facts } = before
  const judged = refusalOf(enteringRules, reading, facts)
  return judged?.reason === reason ? judged.explanation : { needs: 'as-before' }
}

function isSameReading(reading: Reading, facts: Facts, earlier: Earlier): boolean {
  const windowSec = facts.rules.repeatWindowSec ?? defaults.repeatWindowSec
  const isSame = earlier.sameCredential && earlier.lane === reading.lane && earlier.direction === reading.direction
  return isSame && isWithin(reading.at, earlier.seenAt ?? earlier.at, windowSec)
}

/** [ADMIT-5] Scanners read twice and phones stay in front of them; that is not a second person and not an error. */
function answeredBefore(reading: Reading, facts: Facts): Decision | undefined {
  const { earlier } = facts
  if (earlier === undefined || !isSameReading(reading, facts, earlier)) return undefined
  const before = { ...whose(reading, facts), repeated: true, ...(earlier.rule !== undefined && { rule: earlier.rule }) }
  if (earlier.outcome === 'admit') return { outcome: 'admit', ...before }
  // Staff who now say why they admit are not repeating themselves; nor is an answer without its reason worth repeating.
  if (overrideIn(reading) || earlier.reason === undefined || earlier.rule === undefined) return undefined
  return {
    outcome: earlier.outcome,
    ...before,
    reason: earlier.reason,
    explanation: explainAgain(earlier.reason, reading, facts),
  }
}

/** [ADMIT-6] Nobody is kept in. A beacon that nobody registered is no person leaving, and opens nothing. */
function leaves(reading: Reading, facts: Facts): Decision | undefined {
  if (reading.direction !== 'exit') return undefined
  const person = personOf(reading, facts)
  if (!person && reading.via === 'ble') return undefined
  const odd = identityRules.map((rule) => rule.judge(reading, facts)?.reason).find((reason) => reason !== undefined)
  const flags = [odd, !facts.presence?.inside && 'not-inside', facts.clock === 'unknown' && 'clock-unknown']
  return {
    outcome: 'admit',
    ...whose(reading, facts),
    rule: exitRule,
    ...flagged(flags.filter((flag) => typeof flag === 'string')),
  }
}

function attentionFor(reading: Reading, facts: Facts): { readonly attention?: string } {
  const person = personOf(reading, facts)
  const ofType = person && own(facts.rules.ticketTypes, person.ticketType)?.attention
  const texts = [person?.attention, ofType].filter((text) => text !== undefined && text !== '')
  return texts.length === 0 ? {} : { attention: texts.join(' · ') }
}

function admitted(reading: Reading, facts: Facts): Decision {
  const isUnknown = !personOf(reading, facts) && isSigned(reading)
  const flags = [...(isUnknown ? ['signed-unknown'] : []), ...(facts.clock === 'unknown' ? ['clock-unknown'] : [])]
  return { outcome: 'admit', ...whose(reading, facts), ...attentionFor(reading, facts), ...flagged(flags) }
}

/** [ADMIT-30] The member of staff and the note are journalled with the decision; here stands what it was against. */
function admittedAgainst(reading: Reading, facts: Facts, { reason }: Refusal): Decision {
  return { ...admitted(reading, facts), rule: overrideRule, overridden: reason }
}

function enters(reading: Reading, facts: Facts): Decision {
  const refusal = refusalOf(enteringRules, reading, facts)
  if (!refusal) return admitted(reading, facts)
  return overrideIn(reading) ? admittedAgainst(reading, facts, refusal) : { ...whose(reading, facts), ...refusal }
}

/** Total: never throws for arguments of the right type. Everything but an admit has a rule, a reason and an explanation. */
export function decide(reading: Reading, facts: Facts): Decision {
  const unreadable = refusalOf(readingRules, reading, facts)
  if (unreadable) return { direction: reading.direction, ...unreadable }
  return answeredBefore(reading, facts) ?? leaves(reading, facts) ?? enters(reading, facts)
}
