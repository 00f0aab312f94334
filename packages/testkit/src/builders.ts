/**
 * People, rules and readings for tests: each builder gives something ordinary and valid, and the test names only what it is
 * about.
 */
import type {
  CredentialKey,
  EventId,
  EventRules,
  Facts,
  GateId,
  Participant,
  ParticipantId,
  Reading,
} from '@gatehouse/domain'

export const someEvent = '01990000-0000-7000-8000-00000000e001' as EventId
export const someGate = '01990000-0000-7000-8000-00000000a001' as GateId
export const someParticipant = '01990000-0000-7000-8000-00000000b001' as ParticipantId
export const someKey = 'a0'.repeat(16) as CredentialKey
/** 2026-11-20 10:00 in Seoul. */
export const someInstant = Date.UTC(2026, 10, 20, 1, 0, 0)

export function aParticipant(given: Partial<Participant> = {}): Participant {
  return {
    id: someParticipant,
    status: 'active',
    ticketType: 'day',
    zones: ['hall'],
    entryPolicy: 're-entry',
    credentials: [{ kind: 'qr', key: someKey, status: 'active' }],
    ...given,
  }
}

export function someRules(given: Partial<EventRules> = {}): EventRules {
  const hour = 3_600_000
  return {
    id: someEvent,
    timeZone: 'Asia/Seoul',
    startsAt: someInstant - hour,
    endsAt: someInstant + 8 * hour,
    zones: [{ id: 'hall' }],
    gates: { [someGate]: { zone: 'hall' } },
    ...given,
  }
}

export function aReading(given: Partial<Reading> = {}): Reading {
  return {
    event: someEvent,
    gate: someGate,
    lane: 'a',
    direction: 'entry',
    via: 'qr',
    at: someInstant,
    presented: { kind: 'credential', of: 'qr', key: someKey },
    ...given,
  }
}

export function someFacts(given: Partial<Facts> = {}): Facts {
  return {
    rules: someRules(),
    participant: aParticipant(),
    clock: 'synced',
    roster: { cursor: 1, rows: 1 },
    ...given,
  }
}
