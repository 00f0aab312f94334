/**
 * Who is this, and do they count? The first rules of `decide`: what could not be read, who is not on the roster, whose
 * registration or credential no longer stands. What these let through is a person whom the organizer expects.
 */
import type { Reason } from './decision.ts'
import { ask, deny, type Need, type Refusal, type Rule } from './judgement.ts'
import type { Credential, Participant } from './participant.ts'
import type { Facts, Reading } from './reading.ts'

type Unreadable = Extract<Reason, 'unreadable' | 'unknown-key' | 'bad-signature' | 'other-event'>

const unreadableBecause = (why: Unreadable, needs: Need) => (reading: Reading) =>
  reading.presented.kind === 'unreadable' && reading.presented.why === why ? deny(why, needs) : undefined

/** The presented credential as the participant's own row has it. */
function credentialOf(reading: Reading, participant: Participant): Credential | undefined {
  const { presented } = reading
  if (presented.kind !== 'credential') return undefined
  return participant.credentials.find(({ kind, key }) => kind === presented.of && key === presented.key)
}

/** The participant of the facts, if what was presented is truly theirs. */
export function personOf(reading: Reading, facts: Facts): Participant | undefined {
  const { participant } = facts
  const { presented } = reading
  if (participant === undefined || presented.kind === 'unreadable') return undefined
  if (presented.kind === 'participant') return presented.id === participant.id ? participant : undefined
  return credentialOf(reading, participant) && participant
}

export function isSigned(reading: Reading): boolean {
  return reading.presented.kind === 'credential' && reading.presented.signed !== undefined
}

const isAmbiguous = (facts: Facts) => (facts.candidates ?? 0) > 1

/** Only a list that is here as a whole can say that somebody is not on it. */
const isRosterWhole = ({ roster }: Facts) => roster.rows > 0 && roster.isPartial !== true

function emptyRoster(reading: Reading, facts: Facts): Refusal | undefined {
  if (personOf(reading, facts) || isRosterWhole(facts)) return undefined
  return ask('empty-roster', 'roster')
}

function ambiguous(reading: Reading, facts: Facts): Refusal | undefined {
  if (personOf(reading, facts) || !isAmbiguous(facts)) return undefined
  return ask('ambiguous', 'one-person', { candidates: facts.candidates })
}

function signedUnknown(reading: Reading, facts: Facts): Refusal | undefined {
  if (personOf(reading, facts) || !isSigned(reading) || !isRosterWhole(facts)) return undefined
  const policy = facts.rules.policies?.signedUnknown ?? 'ask'
  if (policy === 'admit') return undefined
  return policy === 'ask' ? ask('signed-unknown', 'registration') : deny('signed-unknown', 'registration')
}

function unknown(reading: Reading, facts: Facts): Refusal | undefined {
  if (personOf(reading, facts) || isSigned(reading) || isAmbiguous(facts) || !isRosterWhole(facts)) return undefined
  return deny('unknown', 'registration', { via: reading.via })
}

function cancelled(reading: Reading, facts: Facts): Refusal | undefined {
  return personOf(reading, facts)?.status === 'cancelled' ? deny('cancelled', 'active-registration') : undefined
}

function blocked(reading: Reading, facts: Facts): Refusal | undefined {
  return personOf(reading, facts)?.status === 'blocked' ? deny('blocked', 'unblocking') : undefined
}

function revoked(reading: Reading, facts: Facts): Refusal | undefined {
  const person = personOf(reading, facts)
  const credential = person && credentialOf(reading, person)
  if (credential?.status !== 'revoked') return undefined
  const others = new Set(person?.credentials.filter(({ status }) => status === 'active').map(({ kind }) => kind))
  return deny('revoked', 'other-credential', { of: credential.kind, active: [...others] })
}

function onHold(reading: Reading, facts: Facts): Refusal | undefined {
  const hold = personOf(reading, facts)?.hold
  if (hold === undefined) return undefined
  return hold === 'not-paid' ? deny('not-paid', 'payment') : deny('not-approved', 'approval')
}

export const readingRules: readonly Rule[] = [
  {
    id: 'ADMIT-1',
    says: 'what cannot be read is not a ticket',
    judge: unreadableBecause('unreadable', 'readable-ticket'),
  },
  {
    id: 'ADMIT-2',
    says: 'a ticket signed with a key we do not know',
    judge: unreadableBecause('unknown-key', 'known-key'),
  },
  {
    id: 'ADMIT-3',
    says: 'a ticket whose signature is wrong',
    judge: unreadableBecause('bad-signature', 'genuine-ticket'),
  },
  { id: 'ADMIT-4', says: 'a ticket of another event', judge: unreadableBecause('other-event', 'ticket-of-this-event') },
]

export const identityRules: readonly Rule[] = [
  { id: 'ADMIT-9', says: 'a gate whose roster is empty or not yet whole asks', judge: emptyRoster },
  { id: 'ADMIT-10', says: 'what fits several people needs a person to choose', judge: ambiguous },
  { id: 'ADMIT-11', says: 'a true signature without a roster row goes by policy', judge: signedUnknown },
  { id: 'ADMIT-12', says: 'who is not on the roster is unknown', judge: unknown },
  { id: 'ADMIT-13', says: 'a cancelled registration', judge: cancelled },
  { id: 'ADMIT-14', says: 'a blocked participant', judge: blocked },
  { id: 'ADMIT-15', says: 'a revoked credential', judge: revoked },
  { id: 'ADMIT-16', says: 'a registration that is not paid or not approved', judge: onHold },
]
