// One test per rule of `decide`, and the cases between rules that doors have taught others: the list follows what mature
// ticket scanners test, each named by the rule it is about.
import {
  aParticipant,
  aReading,
  someFacts,
  someGate,
  someInstant,
  someKey,
  someParticipant,
  someRules,
} from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import type { CredentialKey, Decision, EventRules, Facts, GateId, Participant, Presence, Reading } from './index.ts'
import { admissionRules, decide } from './index.ts'

const minute = 60_000
const hour = 60 * minute
const otherGate = '01990000-0000-7000-8000-00000000a002' as GateId
const badgeKey = 'b1'.repeat(16) as CredentialKey

const qr = (signed?: Partial<NonNullable<Extract<Reading['presented'], { kind: 'credential' }>['signed']>>) =>
  ({
    kind: 'credential',
    of: 'qr',
    key: someKey,
    ...(signed && { signed: { keyId: 1, class: 0, staff: false, notBefore: 0, notAfter: 0, ...signed } }),
  }) as const
const badge = { kind: 'credential', of: 'badge', key: badgeKey } as const
const withBadge = aParticipant({
  credentials: [
    { kind: 'qr', key: someKey, status: 'active' },
    { kind: 'badge', key: badgeKey, status: 'active' },
  ],
})

const strangers = (facts: Partial<Facts> = {}): Facts => {
  const { participant: _, ...rest } = someFacts(facts)
  return rest
}
const person = (given: Partial<Participant>, facts: Partial<Facts> = {}) =>
  someFacts({ participant: aParticipant(given), ...facts })
const rules = (given: Partial<EventRules>, facts: Partial<Facts> = {}) =>
  someFacts({ rules: someRules(given), ...facts })
const atGate = (gate: NonNullable<EventRules['gates']>[string], more: Partial<EventRules> = {}) =>
  rules({ gates: { [someGate]: gate }, ...more })
const override = { staff: 'staff-1', note: 'ticket seen by hand' }

function presence(given: Partial<Presence> = {}): Presence {
  return {
    id: someParticipant,
    inside: true,
    zone: 'hall',
    entries: 1,
    lastAt: someInstant - hour,
    lastGate: otherGate,
    lastDirection: 'entry',
    ...given,
  }
}
const outside = (given: Partial<Presence> = {}) => presence({ inside: false, lastDirection: 'exit', ...given })
const before = (given: Partial<NonNullable<Facts['earlier']>> = {}): NonNullable<Facts['earlier']> => ({
  at: someInstant - 3000,
  lane: 'a',
  direction: 'entry',
  outcome: 'admit',
  sameCredential: true,
  ...given,
})

function expectRefusal(decision: Decision, rule: string, outcome: 'deny' | 'ask', reason: string, needs: string) {
  expect(decision).toMatchObject({ outcome, rule, reason, explanation: { needs } })
}

test('a registered participant with an active credential within hours is admitted, without any rule', () => {
  expect(decide(aReading(), someFacts())).toEqual({
    outcome: 'admit',
    direction: 'entry',
    participant: someParticipant,
  })
})

describe('what was presented', () => {
  test.each([
    ['ADMIT-1', 'unreadable', 'readable-ticket'],
    ['ADMIT-2', 'unknown-key', 'known-key'],
    ['ADMIT-3', 'bad-signature', 'genuine-ticket'],
    ['ADMIT-4', 'other-event', 'ticket-of-this-event'],
  ] as const)('[%s] %s is denied, on the way in and on the way out, and no override helps', (rule, why, needs) => {
    for (const direction of ['entry', 'exit'] as const) {
      const reading = aReading({ presented: { kind: 'unreadable', why }, direction, staff: 'staff-1', override })
      const decision = decide(reading, someFacts())
      expectRefusal(decision, rule, 'deny', why, needs)
      expect(decision.participant).toBeUndefined()
    }
  })

  test('[ADMIT-5] the same reading repeated is answered as before, and nothing opens a second time', () => {
    const facts = someFacts({
      earlier: before(),
      presence: presence({ lastAt: someInstant - 3000, lastGate: someGate }),
    })
    expect(decide(aReading(), facts)).toEqual({
      outcome: 'admit',
      direction: 'entry',
      participant: someParticipant,
      repeated: true,
    })
  })

  test('[ADMIT-5] a denial repeated keeps its rule, its reason and its explanation', () => {
    const facts = person(
      { validFrom: someInstant + 24 * hour },
      { earlier: before({ outcome: 'deny', reason: 'not-yet-valid', rule: 'ADMIT-17' }) },
    )
    expect(decide(aReading(), facts)).toEqual({
      outcome: 'deny',
      direction: 'entry',
      participant: someParticipant,
      repeated: true,
      rule: 'ADMIT-17',
      reason: 'not-yet-valid',
      explanation: { needs: 'later', with: { from: someInstant + 24 * hour } },
    })
  })

  test('[ADMIT-5] a denial whose reason has gone is still answered as before', () => {
    const facts = someFacts({ earlier: before({ outcome: 'ask', reason: 'full', rule: 'ADMIT-28' }) })
    expect(decide(aReading(), facts)).toMatchObject({
      outcome: 'ask',
      reason: 'full',
      explanation: { needs: 'as-before' },
    })
  })

  test.each([
    ['another lane', { lane: 'b' }],
    ['another direction', { direction: 'exit' as const }],
    ['another credential of the same person', { sameCredential: false }],
    ['a repeat window that is over', { at: someInstant - 10_000 }],
  ])('[ADMIT-5] %s is a new reading', (_, given) => {
    expect(decide(aReading(), someFacts({ earlier: before(given) })).repeated).toBeUndefined()
  })

  test('[ADMIT-5] a phone held up for a minute stays one reading, because each repetition moves the window', () => {
    const held = before({ at: someInstant - minute, seenAt: someInstant - 400 })
    expect(decide(aReading(), someFacts({ earlier: held }))).toMatchObject({ outcome: 'admit', repeated: true })
  })

  test('[ADMIT-5] the window is the event’s', () => {
    const facts = rules({ repeatWindowSec: 2 }, { earlier: before() })
    expect(decide(aReading(), facts).repeated).toBeUndefined()
  })

  test('[ADMIT-5] staff who override a denial seconds later are not repeating it', () => {
    const facts = person(
      { status: 'blocked' },
      { earlier: before({ outcome: 'deny', reason: 'blocked', rule: 'ADMIT-14' }) },
    )
    expect(decide(aReading({ override }), facts)).toMatchObject({ outcome: 'admit', overridden: 'blocked' })
    const again = someFacts({ ...facts, earlier: before({ rule: 'ADMIT-30' }) })
    expect(decide(aReading({ override }), again)).toMatchObject({ outcome: 'admit', repeated: true })
  })
})

describe('leaving', () => {
  const leave = (facts: Facts, given: Partial<Reading> = {}) => decide(aReading({ direction: 'exit', ...given }), facts)

  test('[ADMIT-6] who is inside may leave', () => {
    expect(leave(someFacts({ presence: presence() }))).toEqual({
      outcome: 'admit',
      direction: 'exit',
      participant: someParticipant,
      rule: 'ADMIT-6',
    })
  })

  test.each([
    ['cancelled', person({ status: 'cancelled' }, { presence: presence() }), ['cancelled']],
    ['blocked', person({ status: 'blocked' }, { presence: presence() }), ['blocked']],
    [
      'revoked',
      person({ credentials: [{ kind: 'qr', key: someKey, status: 'revoked' }] }, { presence: presence() }),
      ['revoked'],
    ],
    ['unknown', strangers(), ['unknown', 'not-inside']],
    ['expired long ago', person({ validUntil: 1 }, { presence: presence() }), undefined],
    ['at a gate with an empty roster', strangers({ roster: { cursor: 0, rows: 0 } }), ['empty-roster', 'not-inside']],
    ['after hours', rules({ endsAt: someInstant - 5 * hour }, { presence: presence() }), undefined],
    ['with the wrong ticket for this gate', { ...atGate({ ticketTypes: ['press'] }), presence: presence() }, undefined],
    ['never seen coming in', someFacts(), ['not-inside']],
    ['by a clock nobody trusts', someFacts({ clock: 'unknown', presence: presence() }), ['clock-unknown']],
  ])('[ADMIT-6] an exit is always allowed: %s', (_, facts, flags) => {
    const decision = leave(facts)
    expect(decision).toMatchObject({ outcome: 'admit', rule: 'ADMIT-6' })
    expect(decision.flags).toEqual(flags)
  })

  test('[ADMIT-6] leaving within the duplicate window of coming in is no duplicate', () => {
    const facts = someFacts({
      presence: presence({ lastAt: someInstant - minute, lastGate: someGate }),
      earlier: before({ at: someInstant - minute }),
    })
    expect(leave(facts).outcome).toBe('admit')
  })

  test('[ADMIT-6] a beacon nobody registered does not open the exit lane', () => {
    expectRefusal(leave(strangers(), { via: 'ble', presented: badge }), 'ADMIT-12', 'deny', 'unknown', 'registration')
  })
})

describe('who it is', () => {
  test('[ADMIT-9] a gate with an empty roster asks staff and says why', () => {
    const decision = decide(aReading(), strangers({ roster: { cursor: 0, rows: 0 } }))
    expectRefusal(decision, 'ADMIT-9', 'ask', 'empty-roster', 'roster')
  })

  test.each([
    ['unsigned', aReading()],
    ['signed, even where such tickets are refused', aReading({ presented: qr({}) })],
  ])(
    '[ADMIT-9] while the first list is still on its way, who is not on it yet is asked and not refused: %s',
    (_, reading) => {
      const rules = someRules({ policies: { signedUnknown: 'deny' } })
      const decision = decide(reading, strangers({ rules, roster: { cursor: 700, rows: 700, isPartial: true } }))
      expectRefusal(decision, 'ADMIT-9', 'ask', 'empty-roster', 'roster')
    },
  )

  test('[ADMIT-10] what fits several people asks staff to choose', () => {
    const decision = decide(aReading(), strangers({ candidates: 2 }))
    expectRefusal(decision, 'ADMIT-10', 'ask', 'ambiguous', 'one-person')
    expect(decision.explanation?.with).toEqual({ candidates: 2 })
  })

  test.each([
    ['ask by default', undefined, 'ask'],
    ['ask', 'ask', 'ask'],
    ['deny', 'deny', 'deny'],
  ] as const)('[ADMIT-11] a signed ticket without a roster row: %s', (_, signedUnknown, outcome) => {
    const facts = strangers({ rules: someRules({ policies: signedUnknown ? { signedUnknown } : {} }) })
    expectRefusal(decide(aReading({ presented: qr({}) }), facts), 'ADMIT-11', outcome, 'signed-unknown', 'registration')
  })

  test('[ADMIT-11] a signed ticket without a roster row is admitted and flagged where the policy says so', () => {
    const facts = strangers({ rules: someRules({ policies: { signedUnknown: 'admit' } }) })
    const decision = decide(aReading({ presented: qr({}) }), facts)
    expect(decision).toEqual({ outcome: 'admit', direction: 'entry', flags: ['signed-unknown'] })
  })

  test('[ADMIT-11] a signed ticket that is on the roster is an ordinary ticket', () => {
    expect(decide(aReading({ presented: qr({}) }), someFacts())).toEqual(decide(aReading(), someFacts()))
  })

  test('[ADMIT-11] the same signed, unknown ticket at the same gate minutes later is a duplicate', () => {
    const facts = strangers({
      rules: someRules({ policies: { signedUnknown: 'admit' } }),
      earlier: before({ at: someInstant - minute }),
    })
    expect(decide(aReading({ presented: qr({}) }), facts)).toMatchObject({ outcome: 'deny', reason: 'duplicate' })
  })

  test('[ADMIT-9] [ADMIT-10] whoever is known after all is judged like anybody', () => {
    expect(decide(aReading(), someFacts({ roster: { cursor: 0, rows: 0 }, candidates: 2 })).outcome).toBe('admit')
  })

  test('[ADMIT-12] who is not on the roster is unknown', () => {
    expectRefusal(decide(aReading(), strangers()), 'ADMIT-12', 'deny', 'unknown', 'registration')
  })

  test('[ADMIT-12] a credential or an id that is not this participant’s own is unknown', () => {
    const foreign = aReading({ presented: { kind: 'credential', of: 'qr', key: badgeKey } })
    const another = aReading({ presented: { kind: 'participant', id: 'someone-else' as Participant['id'] } })
    for (const reading of [foreign, another]) {
      expect(decide(reading, someFacts())).toMatchObject({ outcome: 'deny', reason: 'unknown' })
      expect(decide(reading, someFacts()).participant).toBeUndefined()
    }
  })

  test('a participant found by name is judged like one who shows a ticket', () => {
    const reading = aReading({
      via: 'manual',
      staff: 'staff-1',
      presented: { kind: 'participant', id: someParticipant },
    })
    expect(decide(reading, someFacts())).toMatchObject({ outcome: 'admit', participant: someParticipant })
    expect(decide(reading, person({ status: 'cancelled' }))).toMatchObject({ outcome: 'deny', reason: 'cancelled' })
  })
})

describe('whether they count', () => {
  test('[ADMIT-13] a cancelled registration is denied', () => {
    expectRefusal(
      decide(aReading(), person({ status: 'cancelled' })),
      'ADMIT-13',
      'deny',
      'cancelled',
      'active-registration',
    )
  })

  test('[ADMIT-14] a blocked participant is denied', () => {
    expectRefusal(decide(aReading(), person({ status: 'blocked' })), 'ADMIT-14', 'deny', 'blocked', 'unblocking')
  })

  test('[ADMIT-15] a revoked credential is denied and the one that replaced it is named', () => {
    const facts = person({
      credentials: [
        { kind: 'qr', key: someKey, status: 'revoked' },
        { kind: 'badge', key: badgeKey, status: 'active' },
      ],
    })
    const decision = decide(aReading(), facts)
    expectRefusal(decision, 'ADMIT-15', 'deny', 'revoked', 'other-credential')
    expect(decision.explanation?.with).toEqual({ of: 'qr', active: ['badge'] })
  })

  test('[ADMIT-15] a revoked badge does not stop the same person’s ticket', () => {
    const facts = person({
      credentials: [
        { kind: 'badge', key: badgeKey, status: 'revoked' },
        { kind: 'qr', key: someKey, status: 'active' },
      ],
    })
    expect(decide(aReading(), facts).outcome).toBe('admit')
  })

  test.each([
    ['not-paid', 'payment'],
    ['not-approved', 'approval'],
  ] as const)('[ADMIT-16] a registration that is %s is denied', (hold, needs) => {
    expectRefusal(decide(aReading(), person({ hold })), 'ADMIT-16', 'deny', hold, needs)
  })
})

describe('time', () => {
  const seconds = Math.floor(someInstant / 1000)

  test.each([
    ['ADMIT-7', 'not-yet-valid', 'later', { notBefore: seconds + 1 }],
    ['ADMIT-8', 'expired', 'valid-ticket', { notAfter: seconds - 1 }],
  ] as const)(
    '[%s] a signed ticket outside its own time is %s, whatever the roster says',
    (rule, reason, needs, signed) => {
      const reading = aReading({ presented: qr(signed) })
      expectRefusal(decide(reading, someFacts()), rule, 'deny', reason, needs)
      expectRefusal(decide(reading, strangers()), rule, 'deny', reason, needs)
    },
  )

  test('[ADMIT-7] [ADMIT-8] the first and the last second of a signed ticket count', () => {
    const reading = aReading({ presented: qr({ notBefore: seconds, notAfter: seconds }), at: someInstant + 999 })
    expect(decide(reading, someFacts()).outcome).toBe('admit')
    expect(decide({ ...reading, at: someInstant }, someFacts()).outcome).toBe('admit')
    expect(decide({ ...reading, at: someInstant + 1000 }, someFacts()).reason).toBe('expired')
  })

  test('[ADMIT-17] a registration before its time is denied and says when it begins', () => {
    const decision = decide(aReading(), person({ validFrom: someInstant + 1 }))
    expectRefusal(decision, 'ADMIT-17', 'deny', 'not-yet-valid', 'later')
    expect(decision.explanation?.with).toEqual({ from: someInstant + 1 })
  })

  test('[ADMIT-18] a registration after its time is denied, at its last instant it still holds', () => {
    expectRefusal(
      decide(aReading(), person({ validUntil: someInstant - 1 })),
      'ADMIT-18',
      'deny',
      'expired',
      'valid-ticket',
    )
    expect(decide(aReading(), person({ validFrom: someInstant, validUntil: someInstant })).outcome).toBe('admit')
  })

  test.each([
    ['one hour before the start', { startsAt: someInstant + hour }, 'admit'],
    ['more than an hour before the start', { startsAt: someInstant + hour + 1 }, 'deny'],
    ['one hour after the end', { endsAt: someInstant - hour }, 'admit'],
    ['more than an hour after the end', { endsAt: someInstant - hour - 1 }, 'deny'],
    ['before the start of an event without grace', { startsAt: someInstant + 1, graceSec: 0 }, 'deny'],
    ['two hours before the start with a grace of two', { startsAt: someInstant + 2 * hour, graceSec: 7200 }, 'admit'],
  ] as const)('[ADMIT-19] event hours with their grace: %s', (_, hours, outcome) => {
    const decision = decide(aReading(), rules(hours))
    expect(decision.outcome).toBe(outcome)
    if (outcome === 'deny') expectRefusal(decision, 'ADMIT-19', 'deny', 'outside-hours', 'event-hours')
  })

  test.each([
    [
      'a ticket not yet valid',
      aReading({ presented: qr({ notBefore: seconds + 9 }) }),
      someFacts(),
      'ADMIT-7',
      'not-yet-valid',
    ],
    ['an expired ticket', aReading({ presented: qr({ notAfter: 9 }) }), someFacts(), 'ADMIT-8', 'expired'],
    ['a registration not yet valid', aReading(), person({ validFrom: someInstant + 9 }), 'ADMIT-17', 'not-yet-valid'],
    ['an expired registration', aReading(), person({ validUntil: 9 }), 'ADMIT-18', 'expired'],
    ['an event that is over', aReading(), rules({ endsAt: 9 }), 'ADMIT-19', 'outside-hours'],
    ['a condition about the weekday', aReading(), atGate({ condition: { weekday: [1] } }), 'ADMIT-27', 'rule'],
  ] as const)('with a clock nobody trusts, %s asks staff instead of being denied', (_, reading, facts, rule, would) => {
    expect(decide(reading, facts).outcome).toBe('deny')
    const decision = decide(reading, { ...facts, clock: 'unknown' })
    expectRefusal(decision, rule, 'ask', 'clock-unknown', 'known-time')
    expect(decision.explanation?.with).toMatchObject({ would })
  })

  test('with a clock nobody trusts, the roster still admits, and the decision is flagged', () => {
    const decision = decide(aReading(), someFacts({ clock: 'unknown' }))
    expect(decision).toMatchObject({ outcome: 'admit', flags: ['clock-unknown'] })
  })

  test('with a clock nobody trusts, a cancelled ticket is still denied and not asked about', () => {
    const facts = person({ status: 'cancelled', validUntil: 9 }, { clock: 'unknown' })
    expect(decide(aReading(), facts)).toMatchObject({ outcome: 'deny', reason: 'cancelled' })
    const signed = aReading({ presented: qr({ notAfter: 9 }) })
    expect(decide(signed, facts)).toMatchObject({ outcome: 'deny', reason: 'cancelled' })
  })

  test('a clock in holdover is trusted', () => {
    expect(decide(aReading(), person({ validUntil: 9 }, { clock: 'holdover' }))).toMatchObject({
      outcome: 'deny',
      reason: 'expired',
    })
  })
})

describe('place', () => {
  const gates = {
    [someGate]: { name: 'Stage door', zone: 'backstage', elsewhere: 'the north entrance' },
    [otherGate]: { name: 'North', zone: 'hall' },
  }
  const zones = [
    { id: 'hall', name: 'Hall A' },
    { id: 'backstage', name: 'Backstage' },
  ]

  test('[ADMIT-20] a ticket type this gate does not admit is told where to go', () => {
    const facts = rules({
      gates: { [someGate]: { ticketTypes: ['speaker'] }, [otherGate]: { name: 'North' } },
      ticketTypes: { speaker: { name: 'Speaker' }, day: { name: 'Day ticket' } },
    })
    const decision = decide(aReading(), facts)
    expectRefusal(decision, 'ADMIT-20', 'deny', 'wrong-ticket-type', 'other-gate')
    expect(decision.explanation?.with).toEqual({ ticketType: 'Day ticket', here: ['Speaker'], gates: ['North'] })
  })

  test('[ADMIT-21] a zone the registration does not include names the zones it does and the right gate', () => {
    const decision = decide(aReading(), rules({ gates, zones }))
    expectRefusal(decision, 'ADMIT-21', 'deny', 'wrong-zone', 'other-gate')
    expect(decision.explanation?.with).toEqual({
      zone: 'Backstage',
      zones: ['Hall A'],
      gates: ['North'],
      elsewhere: 'the north entrance',
    })
  })

  test('[ADMIT-21] a gate into the event as a whole needs no zone', () => {
    expect(decide(aReading(), { ...atGate({}), participant: aParticipant({ zones: [] }) }).outcome).toBe('admit')
  })

  test('[ADMIT-22] a badge alone does not open a zone that wants a ticket, a ticket does', () => {
    const facts = { ...rules({ zones: [{ id: 'hall', name: 'Hall A', badgeAdmits: false }] }), participant: withBadge }
    const decision = decide(aReading({ via: 'ble', presented: badge }), facts)
    expectRefusal(decision, 'ADMIT-22', 'deny', 'badge-not-enough', 'qr-ticket')
    expect(decision.explanation?.with).toEqual({ zone: 'Hall A' })
    expect(decide(aReading(), facts).outcome).toBe('admit')
    expect(decide(aReading({ via: 'ble', presented: badge }), someFacts({ participant: withBadge })).outcome).toBe(
      'admit',
    )
  })

  test('ids of gates and ticket types that every object inherits mean nothing', () => {
    const facts = person({ ticketType: 'constructor' }, { rules: someRules({ ticketTypes: {} }) })
    expect(decide(aReading({ gate: 'toString' as GateId }), facts).outcome).toBe('admit')
  })
})

describe('coming again', () => {
  const here = (agoMs: number, more: Partial<Presence> = {}) =>
    presence({ lastGate: someGate, lastAt: someInstant - agoMs, ...more })

  test('[ADMIT-23] the same gate again within five minutes is a duplicate', () => {
    const decision = decide(aReading(), someFacts({ presence: here(4 * minute) }))
    expectRefusal(decision, 'ADMIT-23', 'deny', 'duplicate', 'window-passed')
    expect(decision.explanation?.with).toEqual({ lastAt: someInstant - 4 * minute, until: someInstant + minute })
  })

  test('[ADMIT-23] five minutes later it is not a duplicate any more', () => {
    const facts = person({ entryPolicy: 'unlimited' }, { presence: here(5 * minute) })
    expect(decide(aReading(), facts).outcome).toBe('admit')
  })

  test('[ADMIT-23] the window is the event’s, and holds for unlimited tickets too', () => {
    const facts = person({ entryPolicy: 'unlimited' }, { presence: here(4 * minute) })
    expect(decide(aReading(), facts).reason).toBe('duplicate')
    expect(decide(aReading(), { ...facts, rules: someRules({ duplicateWindowSec: 60 }) }).outcome).toBe('admit')
  })

  test('[ADMIT-23] another gate, or an exit in between, is no duplicate', () => {
    const elsewhere = person({ entryPolicy: 'unlimited' }, { presence: here(minute, { lastGate: otherGate }) })
    expect(decide(aReading(), elsewhere).outcome).toBe('admit')
    const left = someFacts({ presence: outside({ lastGate: someGate, lastAt: someInstant - minute }) })
    expect(decide(aReading(), left).outcome).toBe('admit')
    const leftElsewhere = someFacts({
      presence: outside({ lastAt: someInstant - minute }),
      earlier: before({ at: someInstant - 2 * minute }),
    })
    expect(decide(aReading(), leftElsewhere).outcome).toBe('admit')
  })

  test('[ADMIT-23] a clock that was set back by an hour makes nobody a duplicate', () => {
    const facts = person({ entryPolicy: 'unlimited' }, { presence: here(-hour) })
    expect(decide(aReading(), facts).outcome).toBe('admit')
  })

  test('[ADMIT-24] who is inside does not enter again before leaving', () => {
    const decision = decide(aReading(), someFacts({ presence: presence() }))
    expectRefusal(decision, 'ADMIT-24', 'deny', 'already-inside', 'exit-first')
    expect(decision.explanation?.with).toEqual({ lastAt: someInstant - hour })
  })

  test('[ADMIT-24] unlimited tickets and events without anti-passback are exempt', () => {
    expect(decide(aReading(), person({ entryPolicy: 'unlimited' }, { presence: presence() })).outcome).toBe('admit')
    expect(decide(aReading(), rules({ policies: { antiPassback: false } }, { presence: presence() })).outcome).toBe(
      'admit',
    )
  })

  test('[ADMIT-24] from the event into a zone, or from zone to zone, is a move', () => {
    const { zone: _, ...inEvent } = presence()
    expect(decide(aReading(), someFacts({ presence: inEvent })).outcome).toBe('admit')
    expect(decide(aReading(), someFacts({ presence: presence({ zone: 'foyer' }) })).outcome).toBe('admit')
  })

  test('[ADMIT-24] at a gate into the event as a whole, inside a zone is inside', () => {
    expect(decide(aReading(), { ...atGate({}), presence: presence() }).reason).toBe('already-inside')
  })

  test('[ADMIT-25] a single-entry ticket does not come in again after leaving', () => {
    const decision = decide(aReading(), person({ entryPolicy: 'once' }, { presence: outside() }))
    expectRefusal(decision, 'ADMIT-25', 'deny', 'entries-used-up', 'more-entries')
    expect(decision.explanation?.with).toEqual({ entries: 1, allowed: 1, lastAt: someInstant - hour })
  })

  test('[ADMIT-25] a re-entry ticket comes in again after leaving', () => {
    expect(decide(aReading(), someFacts({ presence: outside() })).outcome).toBe('admit')
  })

  test.each([
    ['one entry left', 2, 'admit'],
    ['none left', 3, 'deny'],
    ['more used than there were', 4, 'deny'],
  ] as const)('[ADMIT-25] three entries, %s', (_, entries, outcome) => {
    for (const entryPolicy of ['re-entry', 'unlimited'] as const) {
      const facts = person({ entryPolicy, maxEntries: 3 }, { presence: outside({ entries }) })
      expect(decide(aReading(), facts).outcome).toBe(outcome)
    }
  })
})

describe('conditions', () => {
  test('[ADMIT-26] what the ticket type asks for', () => {
    const facts = rules({ ticketTypes: { day: { condition: { timeOfDay: { from: '12:00', until: '18:00' } } } } })
    const decision = decide(aReading(), facts)
    expectRefusal(decision, 'ADMIT-26', 'deny', 'rule', 'time-of-day')
    expect(decide(aReading({ at: someInstant + 2 * hour }), facts).outcome).toBe('admit')
  })

  test('[ADMIT-27] what the gate asks for, in the names the organizer gave', () => {
    const decision = decide(
      aReading(),
      rules({
        gates: { [someGate]: { condition: { gate: [otherGate] } }, [otherGate]: { name: 'North' } },
      }),
    )
    expectRefusal(decision, 'ADMIT-27', 'deny', 'rule', 'gate')
    expect(decision.explanation?.with).toEqual({ gates: ['North'] })
  })

  test('[ADMIT-27] a condition knows the zone, the ticket type, the presence and the entries of the person', () => {
    const hall = { zone: 'hall', condition: { all: [{ zone: ['hall'] }, { ticketType: ['day'] }] } }
    expect(decide(aReading(), atGate(hall)).outcome).toBe('admit')
    const history = outside({ entries: 2, lastAt: someInstant - hour })
    const seen = { entryTimes: [someInstant - 50 * minute], presence: history }
    const condition = { all: [{ entries: { atLeast: 2 } }, { minutesSinceLastEntry: { atLeast: 60 } }] }
    expect(decide(aReading(), { ...atGate({ zone: 'hall', condition }), ...seen }).explanation).toEqual({
      needs: 'minutes-since-last-entry',
      with: { atLeast: 60, have: 50 },
    })
    expect(decide(aReading(), { ...atGate({ zone: 'hall', condition }), presence: history }).outcome).toBe('admit')
    const { zone: _, ...noZone } = hall
    expect(decide(aReading(), atGate(noZone)).explanation).toEqual({ needs: 'zone', with: { zones: ['hall'] } })
  })

  test.each([
    ['zone', { zone: ['stage', 'roof'] }, { zones: ['Main stage', 'roof'] }],
    ['ticket-type', { ticketType: ['press', 'crew'] }, { ticketTypes: ['Press', 'crew'] }],
    ['gate', { gate: [otherGate, 'g9' as GateId] }, { gates: ['North', 'g9'] }],
    ['time-of-day', { timeOfDay: { from: '12:00', until: '13:00' } }, { from: '12:00', until: '13:00' }],
  ] as const)('[ADMIT-27] needs are told in names where there are any: %s', (needs, condition, values) => {
    const facts = rules({
      gates: { [someGate]: { condition }, [otherGate]: { name: 'North' } },
      zones: [{ id: 'stage', name: 'Main stage' }],
      ticketTypes: { press: { name: 'Press' } },
    })
    expect(decide(aReading(), facts).explanation).toEqual({ needs, with: values })
  })

  test('a condition this software does not understand asks staff', () => {
    const condition = { phaseOfMoon: 'full' } as unknown as NonNullable<Parameters<typeof atGate>[0]['condition']>
    expectRefusal(decide(aReading(), atGate({ condition })), 'ADMIT-27', 'ask', 'rule', 'newer-software')
  })

  test('conditions are for coming in only', () => {
    const facts = atGate({ condition: { weekday: [1] } })
    expect(decide(aReading({ direction: 'exit' }), facts).outcome).toBe('admit')
  })
})

describe('room', () => {
  const full = (given: Partial<Facts>, policy?: 'ask' | 'deny') =>
    rules(
      {
        capacity: 100,
        zones: [{ id: 'hall', name: 'Hall A', capacity: 10 }],
        policies: policy ? { full: policy } : {},
      },
      given,
    )

  test('[ADMIT-28] a full zone asks, or denies where the policy says so', () => {
    const occupancy = { event: 10, zone: 10 }
    expectRefusal(decide(aReading(), full({ occupancy })), 'ADMIT-28', 'ask', 'full', 'room')
    expect(decide(aReading(), full({ occupancy })).explanation?.with).toEqual({
      inside: 10,
      capacity: 10,
      zone: 'Hall A',
    })
    expectRefusal(decide(aReading(), full({ occupancy }, 'deny')), 'ADMIT-28', 'deny', 'full', 'room')
    expect(decide(aReading(), full({ occupancy: { event: 10, zone: 9 } })).outcome).toBe('admit')
  })

  test('[ADMIT-29] a full event asks, or denies where the policy says so', () => {
    const occupancy = { event: 100, zone: 1 }
    expectRefusal(decide(aReading(), full({ occupancy })), 'ADMIT-29', 'ask', 'full', 'room')
    expectRefusal(decide(aReading(), full({ occupancy }, 'deny')), 'ADMIT-29', 'deny', 'full', 'room')
  })

  test('[ADMIT-29] who is counted inside already takes no further place', () => {
    const facts = { ...full({ occupancy: { event: 100, zone: 1 } }), presence: presence({ zone: 'foyer' }) }
    expect(decide(aReading(), facts).outcome).toBe('admit')
    const unlimited = {
      ...full({ occupancy: { event: 9, zone: 10 } }),
      participant: aParticipant({ entryPolicy: 'unlimited' }),
      presence: presence(),
    }
    expect(decide(aReading(), unlimited).outcome).toBe('admit')
  })

  test('a gate that does not know how many are inside does not guess', () => {
    expect(decide(aReading(), full({})).outcome).toBe('admit')
  })
})

describe('staff', () => {
  test('[ADMIT-30] staff admit against a rule with a note, and the reason stays on the record', () => {
    expect(decide(aReading({ override }), person({ status: 'blocked' }))).toEqual({
      outcome: 'admit',
      direction: 'entry',
      participant: someParticipant,
      rule: 'ADMIT-30',
      overridden: 'blocked',
    })
  })

  test('[ADMIT-30] staff may let a person in whom nobody knows', () => {
    const decision = decide(aReading({ override }), strangers())
    expect(decision).toMatchObject({ outcome: 'admit', overridden: 'unknown' })
    expect(decision.participant).toBeUndefined()
  })

  test.each([
    ['without a note', { staff: 'staff-1', note: '  ' }],
    ['without a name', { staff: '', note: 'let her in' }],
  ])('[ADMIT-30] an override %s changes nothing', (_, given) => {
    expect(decide(aReading({ override: given }), person({ status: 'blocked' })).reason).toBe('blocked')
  })

  test('[ADMIT-30] an override where nothing was in the way is an ordinary admit', () => {
    expect(decide(aReading({ override }), someFacts())).toEqual(decide(aReading(), someFacts()))
  })
})

test('what staff should notice comes with the admit, from the person and from the ticket type', () => {
  const facts = person(
    { attention: 'needs a headset' },
    { rules: someRules({ ticketTypes: { day: { attention: 'gets a bag' } } }) },
  )
  expect(decide(aReading(), facts).attention).toBe('needs a headset · gets a bag')
  expect(decide(aReading({ direction: 'exit' }), facts).attention).toBeUndefined()
})

test('the first rule that denies gives the reason, in the order of the table', () => {
  const facts = person(
    { status: 'cancelled', validUntil: 1, zones: [] },
    { presence: presence(), rules: someRules({ endsAt: 1 }) },
  )
  const seen = []
  let now = facts
  for (const cure of [{ status: 'active' }, { validUntil: someInstant }, {}, { zones: ['hall'] }] as const) {
    seen.push(decide(aReading(), now).reason)
    if (!('status' in cure) && !('validUntil' in cure) && !('zones' in cure)) now = { ...now, rules: someRules() }
    else now = { ...now, participant: aParticipant({ ...now.participant, ...cure }) }
  }
  seen.push(decide(aReading(), now).reason)
  expect(seen).toEqual(['cancelled', 'expired', 'outside-hours', 'wrong-zone', 'already-inside'])
})

test('the rules are numbered in the order in which they are asked, without a gap', () => {
  const asked = admissionRules.map(({ id }) => Number(id.slice('ADMIT-'.length)))
  expect(asked).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
  expect(new Set(admissionRules.map(({ says }) => says)).size).toBe(30)
})
