/** What the parsers give is what the domain takes, and the other way round: rows go from the wire to `decide` as they are. */
import { type Condition, type EventRules, type Participant, type Presence, validateCondition } from '@gatehouse/domain'
import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import { vectors } from '../test-fixtures.ts'
import {
  canonicalJson,
  type ParticipantLine,
  type PresenceLine,
  parsePresenceLine,
  parseRosterLine,
  type RulesLine,
} from './index.ts'

test('lines of the feeds and nouns of the domain have the same fields', () => {
  expectTypeOf<ParticipantLine>().toExtend<Participant>()
  expectTypeOf<{ readonly kind: 'participant' } & Participant>().toExtend<ParticipantLine>()
  expectTypeOf<keyof ParticipantLine>().toEqualTypeOf<'kind' | keyof Participant>()
  expectTypeOf<RulesLine>().toExtend<EventRules>()
  expectTypeOf<{ readonly kind: 'rules' } & EventRules>().toExtend<RulesLine>()
  expectTypeOf<keyof RulesLine>().toEqualTypeOf<'kind' | keyof EventRules>()
  expectTypeOf<PresenceLine>().toExtend<Presence>()
  expectTypeOf<{ readonly kind: 'presence' } & Presence>().toExtend<PresenceLine>()
  expectTypeOf<keyof PresenceLine>().toEqualTypeOf<'kind' | keyof Presence>()
})

const time = fc.constantFrom('00:00', '09:30', '23:59')
const comparison = fc.constantFrom({ atLeast: 1 }, { atMost: 3 }, { atLeast: 0, atMost: 1_000_000 })
const names = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 })
const day = fc.constantFrom('2025-11-20', '2028-02-29')
const { tree } = fc.letrec((self) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.record({ timeOfDay: fc.record({ from: time, until: fc.oneof(time, fc.constant('24:00')) }) }),
      fc.record({ weekday: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 }) }),
      fc.record({ date: fc.record({ from: day, toleranceMin: fc.integer({ min: 0, max: 1440 }) }) }),
      ...['entries', 'entriesToday', 'daysEntered', 'minutesSinceFirstEntry', 'minutesSinceLastEntry'].map((key) =>
        fc.record({ [key]: comparison }),
      ),
      ...['entriesSince', 'entriesBefore'].map((key) =>
        fc.record({ [key]: fc.tuple(comparison, time).map(([compared, at]) => ({ ...compared, time: at })) }),
      ),
      ...['gate', 'zone', 'ticketType'].map((key) => fc.record({ [key]: names })),
      fc.record({ inside: fc.boolean() }),
    ),
    fc.array(self('tree'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
    fc.array(self('tree'), { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
    self('tree').map((not) => ({ not })),
  ),
}))

function rulesWith(condition: unknown): string {
  return canonicalJson({ kind: 'rules', id: vectors.event, ticketTypes: { day: { condition } } })
}

test('every condition that the domain accepts travels in a rules line', () => {
  fc.assert(
    fc.property(tree, (condition) => {
      fc.pre(!canonicalJson(condition).includes('\\u0000'))
      const valid = validateCondition(condition)
      if (!valid.ok) throw new Error(valid.problems.join())
      const line = parseRosterLine(rulesWith(condition))
      if (!line.ok) throw new Error(line.detail)
      expect(line.value).toMatchObject({ ticketTypes: { day: { condition } } })
    }),
  )
})

test('a condition that the domain refuses stops the rules line', () => {
  const refused: readonly unknown[] = [
    { date: { from: '2025-02-30' } },
    { entries: {} },
    { all: [] },
    { inside: 1 },
    {},
  ]
  for (const condition of refused) expect(parseRosterLine(rulesWith(condition))).toMatchObject({ code: 'GH-WIRE-005' })
  let deep: Condition = { inside: true }
  for (let level = 0; level < 10; level += 1) deep = { not: deep }
  expect(parseRosterLine(rulesWith(deep))).toMatchObject({
    code: 'GH-WIRE-005',
    detail: expect.stringContaining('deeper'),
  })
})

test('a presence line without the optional fields is a presence', () => {
  const line = { kind: 'presence', id: vectors.event, inside: false, entries: 0, lastAt: 0, lastGate: vectors.gate }
  expect(parsePresenceLine(canonicalJson({ ...line, lastDirection: 'exit' })).ok).toBe(true)
  expect(parsePresenceLine(canonicalJson(line)).ok).toBe(false)
})
