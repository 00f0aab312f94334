// Whatever well-typed thing reaches `decide`: it answers, the same each time, and never refuses without saying why.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Condition, Facts, Participant, Presence, Reading } from './index.ts'
import { admissionRules, decide, effectsOf, passageOf, sentence } from './index.ts'

const id = fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__', '')
const instant = fc.oneof(
  fc.integer({ min: -10, max: 2_000_000_000_000 }),
  fc.constantFrom(0, 9e15, -9e15, Number.NaN, Number.POSITIVE_INFINITY),
)
const near = fc.integer({ min: 1_795_000_000_000, max: 1_795_000_900_000 })
const at = fc.oneof(near, instant)
const text = fc.oneof(
  id,
  fc.string({ maxLength: 12 }),
  fc.constantFrom('09:00', '24:00', '2026-11-20', 'Asia/Seoul', 'Mars/Olympus'),
)
const direction = fc.constantFrom('entry' as const, 'exit' as const)
const outcome = fc.constantFrom('admit' as const, 'deny' as const, 'ask' as const)
const count = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.double())
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) => fc.record(fields, { requiredKeys: [] })

const comparison = optional({ atLeast: count, atMost: count })
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      timeOfDay: fc.record({ from: text, until: text, toleranceMin: count }, { requiredKeys: ['from', 'until'] }),
    }),
    fc.record({ weekday: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 3 }) }),
    fc.record({ date: optional({ from: text, until: text, toleranceMin: count }) }),
    fc
      .constantFrom('entries', 'entriesToday', 'daysEntered', 'minutesSinceFirstEntry', 'minutesSinceLastEntry')
      .chain((key) => fc.record({ [key]: comparison })),
    fc
      .constantFrom('entriesSince', 'entriesBefore')
      .chain((key) => fc.record({ [key]: fc.tuple(comparison, text).map(([bounds, time]) => ({ ...bounds, time })) })),
    fc.record({ inside: fc.boolean() }),
    fc.constantFrom('gate', 'zone', 'ticketType').chain((key) => fc.record({ [key]: fc.array(id, { maxLength: 3 }) })),
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ) as fc.Arbitrary<Condition>,
}))

const credential = fc.record({
  kind: fc.constantFrom('qr', 'badge'),
  key: id,
  status: fc.constantFrom('active', 'revoked'),
})
const participant = fc.record(
  {
    id,
    status: fc.constantFrom('active', 'cancelled', 'blocked'),
    name: text,
    ticketType: id,
    zones: fc.array(id, { maxLength: 3 }),
    validFrom: at,
    validUntil: at,
    entryPolicy: fc.constantFrom('once', 're-entry', 'unlimited'),
    maxEntries: count,
    credentials: fc.array(credential, { maxLength: 3 }),
    hold: fc.constantFrom('not-paid', 'not-approved'),
    attention: text,
  },
  { requiredKeys: ['id', 'status', 'ticketType', 'zones', 'entryPolicy', 'credentials'] },
) as unknown as fc.Arbitrary<Participant>

const presence = fc.record(
  {
    id,
    inside: fc.boolean(),
    zone: id,
    entries: fc.nat(5),
    lastAt: at,
    lastGate: id,
    lastDirection: direction,
    firstAt: at,
    days: fc.dictionary(text, fc.nat(3), { maxKeys: 3 }),
  },
  { requiredKeys: ['id', 'inside', 'entries', 'lastAt', 'lastGate', 'lastDirection'] },
) as unknown as fc.Arbitrary<Presence>

const signed = fc.record({
  keyId: fc.nat(9),
  class: fc.nat(15),
  staff: fc.boolean(),
  notBefore: fc.nat(2_000_000_000),
  notAfter: fc.nat(2_000_000_000),
})
const presented = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      { kind: fc.constant('credential'), of: fc.constantFrom('qr', 'badge'), key: id, signed },
      { requiredKeys: ['kind', 'of', 'key'] },
    ),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('participant'), id }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('unreadable'),
      why: fc.constantFrom('unreadable', 'unknown-key', 'bad-signature', 'other-event'),
    }),
  },
)
const reading = fc.record(
  {
    event: id,
    gate: id,
    lane: id,
    direction,
    via: fc.constantFrom('ble', 'qr', 'manual'),
    at,
    presented,
    staff: text,
    override: fc.record({ staff: text, note: text }),
    rssi: fc.integer(),
  },
  { requiredKeys: ['event', 'gate', 'lane', 'direction', 'via', 'at', 'presented'] },
) as unknown as fc.Arbitrary<Reading>

const gate = optional({ name: text, zone: id, ticketTypes: fc.array(id, { maxLength: 2 }), condition, elsewhere: text })
const rules = fc.record(
  {
    id,
    timeZone: text,
    startsAt: at,
    endsAt: at,
    graceSec: count,
    duplicateWindowSec: count,
    repeatWindowSec: count,
    capacity: count,
    zones: fc.array(fc.record({ id, capacity: count, badgeAdmits: fc.boolean() }, { requiredKeys: ['id'] }), {
      maxLength: 3,
    }),
    gates: fc.dictionary(id, gate, { maxKeys: 3 }),
    ticketTypes: fc.dictionary(id, optional({ name: text, condition, attention: text }), { maxKeys: 3 }),
    policies: optional({ signedUnknown: outcome, full: fc.constantFrom('ask', 'deny'), antiPassback: fc.boolean() }),
  },
  { requiredKeys: ['id'] },
)
const earlier = fc.record(
  {
    at,
    lane: id,
    direction,
    outcome,
    reason: fc.constantFrom('unknown', 'full', 'rule', 'expired', 'duplicate'),
    rule: fc.constantFrom('ADMIT-12', 'ADMIT-18'),
    sameCredential: fc.boolean(),
    seenAt: at,
  },
  { requiredKeys: ['at', 'lane', 'direction', 'outcome', 'sameCredential'] },
)
const facts = fc.record(
  {
    rules,
    participant,
    candidates: fc.nat(3),
    presence,
    entryTimes: fc.array(at, { maxLength: 5 }),
    earlier,
    clock: fc.constantFrom('synced', 'holdover', 'unknown'),
    roster: fc.record({ cursor: fc.nat(), rows: fc.nat(2) }),
    occupancy: fc.record({ event: fc.nat(5), zone: fc.nat(5) }, { requiredKeys: ['event'] }),
  },
  { requiredKeys: ['rules', 'clock', 'roster'] },
) as unknown as fc.Arbitrary<Facts>

const runs = { numRuns: 2000 }
const numbers = new Set(admissionRules.map(({ id: number }) => number))

test('decide answers every well-typed reading, and never refuses without rule, reason and explanation', () => {
  fc.assert(
    fc.property(reading, facts, (given, known) => {
      const decision = decide(given, known)
      expect(decision.direction).toBe(given.direction)
      if (decision.outcome === 'admit') expect(decision.reason).toBeUndefined()
      else
        expect(numbers.has(decision.rule as 'ADMIT-1') && decision.reason && decision.explanation?.needs).toBeTruthy()
    }),
    runs,
  )
})

test('a decision is replayed exactly from what was journalled of its reading and facts', () => {
  fc.assert(
    fc.property(reading, facts, (given, known) => {
      expect(decide(structuredClone(given), structuredClone(known))).toEqual(decide(given, known))
    }),
    runs,
  )
})

test('a door opens, and presence is marked, only for an admit that is no repetition', () => {
  fc.assert(
    fc.property(reading, facts, (given, known) => {
      const decision = decide(given, known)
      const { release, mark } = effectsOf(decision)
      expect(release).toBe(decision.outcome === 'admit' && decision.repeated !== true)
      expect(mark && !release).toBe(false)
      expect(passageOf(given, decision, known.rules) !== undefined).toBe(mark)
    }),
    runs,
  )
})

test('an override never opens what could not be read, and never changes an admit into anything else', () => {
  fc.assert(
    fc.property(reading, facts, (given, known) => {
      const { override: _, ...plain } = given
      const overridden = decide({ ...plain, override: { staff: 's', note: 'n' } }, known)
      expect(overridden.outcome).toBe(plain.presented.kind === 'unreadable' ? 'deny' : 'admit')
    }),
    runs,
  )
})

test('every decision can be said in every language, without a value missing from its sentence', () => {
  fc.assert(
    fc.property(reading, facts, fc.constantFrom('en' as const, 'ko' as const), near, (given, known, lang, now) => {
      const said = sentence(decide(given, known), lang, { timeZone: 'Asia/Seoul', now })
      expect(said).not.toMatch(/undefined|NaN|null|\[object/)
      expect(said.trim()).not.toBe('')
    }),
    runs,
  )
})
