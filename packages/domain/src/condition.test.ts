// The rule language: what each leaf means, what it says when it fails, and what the wall lets through.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition, ConditionContext, GateId, ParticipantId, Presence } from './index.ts'
import { evaluate, isTimeZone, localTime, validateCondition } from './index.ts'

const minute = 60_000
const hour = 60 * minute
/** Friday 20 November 2026, 10:00 in Seoul. */
const friday = Date.UTC(2026, 10, 20, 1)
const north = 'north' as GateId

function context(given: Partial<ConditionContext> = {}): ConditionContext {
  return { at: friday, timeZone: 'Asia/Seoul', clock: 'synced', gate: north, zone: 'hall', ticketType: 'day', ...given }
}
function presence(given: Partial<Presence> = {}): Presence {
  return {
    id: 'kim' as ParticipantId,
    inside: true,
    entries: 1,
    lastAt: friday - hour,
    lastGate: north,
    lastDirection: 'entry',
    ...given,
  }
}
const holds = (condition: Condition, given: Partial<ConditionContext> = {}) => evaluate(condition, context(given)).holds
const needs = (condition: Condition, given: Partial<ConditionContext> = {}) => evaluate(condition, context(given)).needs
const day = { from: '09:00', until: '18:00' }
const night = { from: '22:00', until: '02:00' }
const at = (local: string) => ({ at: Date.parse(`${local}+09:00`) })

describe('time of day', () => {
  test.each([
    ['at its first minute', day, '2026-11-20T09:00:00', true],
    ['just before it', day, '2026-11-20T08:59:59', false],
    ['at its end', day, '2026-11-20T18:00:00', false],
    ['within the tolerance before', { ...day, toleranceMin: 30 }, '2026-11-20T08:30:00', true],
    ['within the tolerance after', { ...day, toleranceMin: 30 }, '2026-11-20T18:29:59', true],
    ['beyond the tolerance', { ...day, toleranceMin: 30 }, '2026-11-20T18:30:00', false],
    ['late, over midnight', night, '2026-11-20T23:30:00', true],
    ['early, over midnight', night, '2026-11-20T01:59:59', true],
    ['by day, over midnight', night, '2026-11-20T12:00:00', false],
    ['at any time, from midnight to 24:00', { from: '00:00', until: '24:00' }, '2026-11-20T23:59:59', true],
    ['at any time, when tolerance covers the rest', { ...day, toleranceMin: 450 }, '2026-11-20T03:00:00', true],
  ])('%s', (_, timeOfDay, local, expected) => {
    expect(holds({ timeOfDay }, at(local))).toBe(expected)
    expect(holds({ not: { timeOfDay } }, at(local))).toBe(!expected)
  })

  test('says the window it needs, and under "not" the rest of the day', () => {
    expect(needs({ timeOfDay: night })).toEqual({ needs: 'time-of-day', with: night })
    expect(needs({ not: { timeOfDay: day } })).toEqual({
      needs: 'time-of-day',
      with: { from: '18:00', until: '09:00' },
    })
  })

  test('is the time on the wall, also on the days the clocks change', () => {
    const shop = { timeOfDay: { from: '08:00', until: '09:00' } }
    // Berlin goes from UTC+1 to UTC+2 on 29 March 2026, and back on 25 October.
    for (const [utc, expected] of [
      ['2026-03-28T07:30Z', true],
      ['2026-03-29T06:30Z', true],
      ['2026-03-29T07:30Z', false],
      ['2026-10-24T06:30Z', true],
      ['2026-10-25T07:30Z', true],
      ['2026-10-25T06:30Z', false],
    ] as const) {
      expect(holds(shop, { at: Date.parse(utc), timeZone: 'Europe/Berlin' }), utc).toBe(expected)
    }
  })
})

describe('weekdays and dates', () => {
  test.each([
    ['2026-11-16', 1],
    ['2026-11-20', 5],
    ['2026-11-22', 7],
    ['1970-01-01', 4],
    ['2000-03-01', 3],
    ['2028-02-29', 2],
  ])('%s is weekday %i', (date, weekday) => {
    expect(localTime(Date.parse(`${date}T12:00Z`), 'UTC')).toMatchObject({ date, weekday })
    expect(holds({ weekday: [weekday] }, at(`${date}T12:00:00`))).toBe(true)
  })

  test('a weekday ends at midnight of the event’s zone, not of UTC', () => {
    expect(holds({ weekday: [6] }, at('2026-11-21T00:00:00'))).toBe(true)
    expect(holds({ weekday: [5] }, at('2026-11-20T23:59:59'))).toBe(true)
  })

  test('says the weekdays it needs', () => {
    expect(needs({ weekday: [6, 7] })).toEqual({ needs: 'weekday', with: { weekdays: ['6', '7'] } })
    expect(needs({ not: { weekday: [5, 6, 7] } })).toEqual({
      needs: 'weekday',
      with: { weekdays: ['1', '2', '3', '4'] },
    })
  })

  test.each([
    ['the first day', '2026-11-20T00:00:00', true],
    ['the day before', '2026-11-19T23:59:59', false],
    ['the last day', '2026-11-21T23:59:59', true],
    ['the day after', '2026-11-22T00:00:00', false],
  ])('dates include %s: %s', (_, local, expected) => {
    expect(holds({ date: { from: '2026-11-20', until: '2026-11-21' } }, at(local))).toBe(expected)
  })

  test('tolerance lets the first day begin earlier and the last one end later', () => {
    const condition = { date: { from: '2026-11-20', until: '2026-11-20', toleranceMin: 60 } }
    expect(holds(condition, at('2026-11-19T23:00:00'))).toBe(true)
    expect(holds(condition, at('2026-11-19T22:59:59'))).toBe(false)
    expect(holds(condition, at('2026-11-21T01:00:00'))).toBe(false)
    expect(holds(condition, at('2026-11-21T00:59:59'))).toBe(true)
  })

  test('a date may be open at either end, and says what it needs', () => {
    expect(holds({ date: { from: '2026-11-20' } })).toBe(true)
    expect(needs({ date: { until: '2026-11-19' } })).toEqual({ needs: 'date', with: { until: '2026-11-19' } })
    expect(needs({ not: { date: { from: '2026-11-20' } } })).toEqual({
      needs: 'not-date',
      with: { from: '2026-11-20' },
    })
  })
})

describe('entries', () => {
  const twice = presence({ entries: 2, firstAt: friday - 3 * hour, days: { '2026-11-19': 1, '2026-11-20': 1 } })

  test('in total', () => {
    expect(holds({ entries: { atMost: 0 } })).toBe(true)
    expect(holds({ entries: { atLeast: 2, atMost: 2 } }, { presence: twice })).toBe(true)
    expect(needs({ entries: { atMost: 1 } }, { presence: twice })).toEqual({
      needs: 'entries',
      with: { atMost: 1, have: 2 },
    })
    expect(needs({ not: { entries: { atLeast: 2 } } }, { presence: twice })).toEqual({
      needs: 'entries',
      with: { atMost: 1, have: 2 },
    })
  })

  test('under "not", what a comparison needs is what is beyond its bounds', () => {
    const given = { presence: twice }
    expect(needs({ not: { entries: { atMost: 2 } } }, given)?.with).toEqual({ atLeast: 3, have: 2 })
    expect(needs({ not: { entries: { atLeast: 1, atMost: 3 } } }, given)?.with).toEqual({ atMost: 0, have: 2 })
  })

  test('today, by the event’s own day', () => {
    const yesterday = presence({ lastAt: Date.parse('2026-11-19T23:59:00+09:00') })
    expect(holds({ entriesToday: { atMost: 0 } }, { presence: yesterday })).toBe(true)
    expect(
      holds(
        { entriesToday: { atMost: 0 } },
        { presence: presence({ lastAt: Date.parse('2026-11-20T00:00:00+09:00') }) },
      ),
    ).toBe(false)
    expect(holds({ entriesToday: { atMost: 0 } }, { presence: twice })).toBe(false)
    expect(
      holds({ entriesToday: { atLeast: 2 } }, { presence: twice, entryTimes: [friday - 2 * hour, friday - 3 * hour] }),
    ).toBe(true)
  })

  test('on how many days', () => {
    expect(holds({ daysEntered: { atMost: 0 } })).toBe(true)
    expect(holds({ daysEntered: { atLeast: 2, atMost: 2 } }, { presence: twice })).toBe(true)
    expect(holds({ daysEntered: { atLeast: 1 } }, { presence: presence({ lastDirection: 'exit' }) })).toBe(true)
  })

  test('since and before a time of today', () => {
    const times = {
      presence: presence({ entries: 3, lastAt: friday - minute }),
      entryTimes: [friday - 20 * hour, friday - 2 * hour],
    }
    expect(holds({ entriesSince: { time: '09:00', atLeast: 1, atMost: 1 } }, times)).toBe(true)
    expect(holds({ entriesSince: { time: '08:00', atLeast: 2, atMost: 2 } }, times)).toBe(true)
    expect(holds({ entriesSince: { time: '11:00', atMost: 0 } }, times)).toBe(true)
    expect(holds({ entriesBefore: { time: '08:00', atLeast: 1, atMost: 1 } }, times)).toBe(true)
    expect(holds({ entriesBefore: { time: '09:00', atLeast: 2, atMost: 2 } }, times)).toBe(true)
    expect(needs({ entriesSince: { time: '09:00', atMost: 0 } }, times)).toEqual({
      needs: 'entries-since',
      with: { time: '09:00', atMost: 0, have: 1 },
    })
  })

  test('minutes since the last entry, with what is left to wait', () => {
    const entered = { presence: presence({ lastAt: friday - 20 * minute }) }
    expect(holds({ minutesSinceLastEntry: { atLeast: 20 } }, entered)).toBe(true)
    expect(needs({ minutesSinceLastEntry: { atLeast: 30 } }, entered)).toEqual({
      needs: 'minutes-since-last-entry',
      with: { atLeast: 30, have: 20 },
    })
  })

  test('minutes since the first entry', () => {
    expect(holds({ minutesSinceFirstEntry: { atMost: 180 } }, { presence: twice })).toBe(true)
    expect(holds({ minutesSinceFirstEntry: { atMost: 179 } }, { presence: twice })).toBe(false)
    expect(holds({ minutesSinceFirstEntry: { atMost: 59 } }, { presence: presence() })).toBe(false)
  })

  test('an entry whose instant is not known was at the latest when they were last seen', () => {
    const left = { presence: presence({ inside: false, lastDirection: 'exit', lastAt: friday - 40 * minute }) }
    expect(holds({ minutesSinceLastEntry: { atLeast: 41 } }, left)).toBe(false)
    expect(holds({ minutesSinceLastEntry: { atLeast: 40 } }, left)).toBe(true)
    expect(holds({ minutesSinceFirstEntry: { atMost: 39 } }, left)).toBe(false)
    const again = { presence: presence({ ...left.presence, entries: 2 }), entryTimes: [friday - 5 * hour] }
    expect(holds({ minutesSinceLastEntry: { atLeast: 41 } }, again)).toBe(false)
    expect(holds({ minutesSinceFirstEntry: { atLeast: 300 } }, again)).toBe(true)
    expect(
      holds(
        { minutesSinceLastEntry: { atLeast: 41 } },
        { ...again, presence: presence({ ...left.presence, entries: 1 }) },
      ),
    ).toBe(true)
  })

  test('who never came in has nothing to wait for and nothing that ran out', () => {
    expect(holds({ minutesSinceLastEntry: { atLeast: 30 } })).toBe(true)
    expect(holds({ minutesSinceFirstEntry: { atMost: 30 } })).toBe(true)
  })
})

describe('person and place', () => {
  test.each([
    ['inside', { inside: true }, { presence: presence() }, 'inside', 'outside'],
    ['outside', { inside: false }, {}, 'outside', 'inside'],
    ['a gate', { gate: [north] }, {}, 'gate', 'not-gate'],
    ['a zone', { zone: ['hall'] }, {}, 'zone', 'not-zone'],
    ['a ticket type', { ticketType: ['day'] }, {}, 'ticket-type', 'not-ticket-type'],
  ] as const)('%s', (_, condition, given, _need, opposite) => {
    expect(holds(condition, given)).toBe(true)
    expect(needs({ not: condition }, given)?.needs).toBe(opposite)
  })

  test.each([
    ['inside', { inside: true }, 'inside', undefined],
    ['gate', { gate: ['south' as GateId] }, 'gate', { gates: ['south'] }],
    ['zone', { zone: ['stage'] }, 'zone', { zones: ['stage'] }],
    ['ticket type', { ticketType: ['press'] }, 'ticket-type', { ticketTypes: ['press'] }],
  ] as const)('says which %s it needs', (_, condition, need, values) => {
    expect(needs(condition)).toEqual(values ? { needs: need, with: values } : { needs: need })
  })

  test('a gate without a zone is in none', () => {
    const { zone: _, ...given } = context()
    expect(evaluate({ zone: ['hall'] }, given).holds).toBe(false)
  })
})

describe('all, any, not', () => {
  const opensSoon: Condition = { timeOfDay: { from: '10:30', until: '11:00' } }
  const opensLate: Condition = { timeOfDay: { from: '17:00', until: '18:00' } }
  const press: Condition = { ticketType: ['press'] }

  test('"any" explains the nearest alternative', () => {
    expect(needs({ any: [opensLate, press, opensSoon] })?.with).toMatchObject({ from: '10:30' })
    expect(needs({ any: [{ weekday: [1] }, { weekday: [6] }] })?.with).toEqual({ weekdays: ['6'] })
  })

  test.each<[string, Condition, Condition]>([
    ['the next Monday before the next Thursday', { weekday: [1] }, { weekday: [4] }],
    [
      'tomorrow’s midnight before tomorrow’s morning',
      { weekday: [6] },
      { timeOfDay: { from: '09:30', until: '09:45' } },
    ],
    [
      'the end of a pause before a later beginning',
      { not: { timeOfDay: { from: '09:00', until: '10:30' } } },
      { timeOfDay: { from: '10:45', until: '11:00' } },
    ],
    ['a date two days off before a weekday three days off', { date: { from: '2026-11-22' } }, { weekday: [1] }],
    [
      'half an hour of waiting before an hour',
      { timeOfDay: { from: '10:30', until: '11:00' } },
      { timeOfDay: { from: '11:00', until: '12:00' } },
    ],
    ['tomorrow before another kind of ticket', { weekday: [6] }, { ticketType: ['press'] }],
    ['another gate before tomorrow', { gate: ['south' as GateId] }, { weekday: [6] }],
    [
      'another kind of ticket before what is gone for good',
      { ticketType: ['press'] },
      { date: { until: '2026-11-01' } },
    ],
  ])('nearer is %s', (_, nearer, farther) => {
    for (const any of [
      [nearer, farther],
      [farther, nearer],
    ])
      expect(needs({ any })).toEqual(needs(nearer))
    for (const all of [
      [nearer, farther],
      [farther, nearer],
    ])
      expect(needs({ all })).toEqual(needs(farther))
  })

  test('"all" explains what is hardest to get, so that nobody comes back in vain', () => {
    expect(needs({ all: [opensSoon, press, opensLate] })?.needs).toBe('ticket-type')
    expect(needs({ all: [opensSoon, opensLate] })?.with).toMatchObject({ from: '17:00' })
  })

  test('"any" of "all"s explains the nearest whole way', () => {
    const condition: Condition = { any: [{ all: [opensSoon, press] }, { all: [opensLate, { inside: false }] }] }
    expect(needs(condition)?.with).toMatchObject({ from: '17:00' })
  })

  test('"not" turns everything below it round', () => {
    expect(holds({ not: { all: [press, opensSoon] } })).toBe(true)
    expect(holds({ not: { any: [press, opensSoon] } })).toBe(true)
    expect(holds({ not: { any: [press, { inside: false }] } })).toBe(false)
    expect(needs({ not: { any: [press, { inside: false }] } })?.needs).toBe('inside')
    expect(holds({ not: { not: { inside: false } } })).toBe(true)
  })
})

describe('a clock nobody trusts', () => {
  const unknown = { clock: 'unknown' } as const
  const open: Condition = { timeOfDay: day }
  const shut: Condition = { timeOfDay: night }
  const press: Condition = { ticketType: ['press'] }
  const dayTicket: Condition = { ticketType: ['day'] }

  test.each([
    ['a time', shut, 'clock'],
    ['a time that seems right', open, 'clock'],
    ['a time beside something that fails anyway', { all: [shut, press] }, undefined],
    ['a time beside something that holds anyway', { any: [shut, dayTicket] }, undefined],
    ['a time that matters', { all: [shut, dayTicket] }, 'clock'],
    ['a time that could have helped', { any: [shut, press] }, 'clock'],
    ['something without time', press, undefined],
    ['a number of entries', { entries: { atLeast: 1 } }, undefined],
    ['entries of today', { entriesToday: { atLeast: 1 } }, 'clock'],
  ] as const)('makes uncertain what hangs on it: %s', (_, condition, uncertain) => {
    expect(evaluate(condition as Condition, context(unknown)).uncertain).toBe(uncertain)
    expect(evaluate(condition as Condition, context()).uncertain).toBeUndefined()
  })

  test('what fails in doubt is explained all the same, and not being understood outweighs not knowing the time', () => {
    expect(evaluate({ all: [shut, dayTicket] }, context(unknown)).needs?.needs).toBe('time-of-day')
    const strange = { phaseOfMoon: 'full' } as unknown as Condition
    expect(evaluate({ all: [shut, strange] }, context(unknown)).uncertain).toBe('not-understood')
  })

  test('what fails for certain is what is explained', () => {
    expect(evaluate({ all: [{ date: { until: '2026-11-01' } }, press] }, context(unknown)).needs?.needs).toBe(
      'ticket-type',
    )
  })
})

describe('what this software does not understand', () => {
  const strange = { phaseOfMoon: 'full' } as unknown as Condition

  test('does not hold and says so, unless it does not matter', () => {
    expect(evaluate(strange, context())).toMatchObject({
      holds: false,
      uncertain: 'not-understood',
      needs: { needs: 'newer-software' },
    })
    expect(evaluate({ any: [strange, { inside: false }] }, context())).toEqual({ holds: true })
    expect(evaluate({ not: strange }, context()).uncertain).toBe('not-understood')
  })

  test('a condition deeper than may be written is not evaluated', () => {
    let deep: Condition = { inside: false }
    for (let level = 0; level < 10_000; level += 1) deep = { not: deep }
    expect(evaluate(deep, context()).uncertain).toBe('not-understood')
    for (const key of ['all', 'any'] as const) {
      let list: unknown = { inside: false }
      for (let level = 0; level < 8; level += 1) list = { [key]: [list] }
      expect(evaluate(list as Condition, context()).uncertain).toBe('not-understood')
    }
  })

  test('a time zone this machine does not know is read as UTC', () => {
    expect(localTime(friday, 'Mars/Olympus')).toEqual(localTime(friday, 'UTC'))
    expect([isTimeZone('Asia/Seoul'), isTimeZone('Mars/Olympus')]).toEqual([true, false])
  })
})

describe('the wall', () => {
  const everything: Condition = {
    all: [
      { any: [{ timeOfDay: { from: '22:00', until: '24:00', toleranceMin: 15 } }, { weekday: [1, 7] }] },
      { not: { date: { from: '2024-02-29', until: '2024-12-31', toleranceMin: 60 } } },
      { entries: { atMost: 3 } },
      { entriesToday: { atLeast: 0, atMost: 1 } },
      { daysEntered: { atMost: 2 } },
      { entriesSince: { time: '12:00', atMost: 0 } },
      { entriesBefore: { time: '12:00', atLeast: 1 } },
      { minutesSinceFirstEntry: { atMost: 120 } },
      { minutesSinceLastEntry: { atLeast: 30 } },
      { inside: false },
      { gate: [north] },
      { zone: ['hall'] },
      { ticketType: ['day', 'press'] },
    ],
  }

  test('lets a condition with every kind of leaf through, as a value of its own', () => {
    const checked = validateCondition(everything)
    expect(checked).toEqual({ ok: true, value: everything })
    if (checked.ok) expect(checked.value).not.toBe(everything)
  })

  test.each<[string, unknown, string]>([
    ['nothing', null, 'must be a condition'],
    ['a list', [], 'must be a condition'],
    ['no key', {}, 'exactly one key'],
    ['two keys', { inside: true, gate: ['a'] }, 'exactly one key'],
    ['an unknown key', { moon: 'full' }, 'moon: is no condition'],
    ['a key that every object inherits', { constructor: {} }, 'constructor: is no condition'],
    ['a prototype in disguise', JSON.parse('{"__proto__": {"inside": true}}'), '__proto__: is no condition'],
    ['an unknown key in a leaf', { timeOfDay: { ...day, zone: 'UTC' } }, 'timeOfDay.zone: is not known here'],
    ['a missing key in a leaf', { timeOfDay: { from: '09:00' } }, 'timeOfDay.until: is missing'],
    ['an hour that is none', { timeOfDay: { from: '25:00', until: '09:00' } }, 'timeOfDay.from: must be a time'],
    ['24:00 as a beginning', { timeOfDay: { from: '24:00', until: '09:00' } }, 'timeOfDay.from: must be a time'],
    ['a tolerance beyond a day', { timeOfDay: { ...day, toleranceMin: 1441 } }, 'toleranceMin: must be a whole number'],
    ['an empty list', { any: [] }, 'any: must be a list of 1 to 64'],
    ['a weekday that is none', { weekday: [0] }, 'weekday[0]: must be a whole number from 1 to 7'],
    ['a day that is none', { date: { from: '2026-02-29' } }, 'date.from: must be a day'],
    ['a month that is none', { date: { from: '2026-13-01' } }, 'date.from: must be a day'],
    ['dates the wrong way round', { date: { from: '2026-02-02', until: '2026-02-01' } }, 'date: from is after until'],
    ['dates without any', { date: {} }, 'date: needs from or until'],
    ['a comparison without bounds', { entries: {} }, 'entries: needs atLeast or atMost'],
    ['bounds the wrong way round', { entries: { atLeast: 2, atMost: 1 } }, 'entries: atLeast is above atMost'],
    ['a fraction', { entries: { atMost: 1.5 } }, 'entries.atMost: must be a whole number'],
    ['a negative count', { entries: { atMost: -1 } }, 'entries.atMost: must be a whole number'],
    ['a text for a truth', { inside: 'yes' }, 'inside: must be true or false'],
    ['an empty name', { zone: [''] }, 'zone[0]: must be a text'],
    ['a hole in a list', { zone: Array.from({ length: 2 }) }, 'zone[0]: must be a text'],
    [
      'something wrong far down',
      { all: [{ inside: true }, { not: { any: [{ weekday: [8] }] } }] },
      'all[1].not.any[0].weekday[0]: must be',
    ],
  ])('refuses %s and says where', (_, value, problem) => {
    const checked = validateCondition(value)
    expect(checked.ok ? [] : checked.problems).toEqual(expect.arrayContaining([expect.stringContaining(problem)]))
  })

  test('depth 8 and 64 conditions are allowed, one more is not', () => {
    const nested = (levels: number): Condition => (levels === 1 ? { inside: true } : { not: nested(levels - 1) })
    const wide = (leaves: number): Condition => ({ any: Array.from({ length: leaves }, () => ({ inside: true })) })
    expect([nested(8), nested(9), wide(63), { all: [wide(63)] }].map((each) => validateCondition(each).ok)).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(evaluate(nested(8), context()).uncertain).toBeUndefined()
  })

  test('never throws, and names at least one problem and at most twenty', () => {
    const circular: Record<string, unknown> = {}
    circular.not = circular
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    const nasty = fc.constantFrom<unknown>(
      circular,
      trap,
      { all: trap },
      { all: Array.from({ length: 64 }, () => trap) },
      Symbol('x'),
      1n,
    )
    fc.assert(
      fc.property(
        fc.oneof(nasty, fc.anything({ withProxy: true, withNullPrototype: true } as never), fc.jsonValue()),
        (value) => {
          const checked = validateCondition(value)
          if (!checked.ok) {
            expect(checked.problems.length).toBeGreaterThan(0)
            expect(checked.problems.length).toBeLessThanOrEqual(20)
          }
        },
      ),
    )
  })

  test('what it lets through, evaluate understands', () => {
    const leaf = fc.constantFrom<unknown>(
      ...everything.all.filter((each) => !('any' in each) && !('not' in each)),
      day,
      { moon: 1 },
      { entries: {} },
    )
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.record({ all: fc.array(tie('node'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('node'), { maxLength: 3 }) }),
        fc.record({ not: tie('node') }),
      ),
    })).node
    fc.assert(
      fc.property(tree, fc.boolean(), (value, trusted) => {
        const checked = validateCondition(value)
        if (!checked.ok) return
        const plain = evaluate(checked.value, context({ clock: trusted ? 'synced' : 'unknown', presence: presence() }))
        expect(plain.uncertain).not.toBe('not-understood')
        expect(plain.holds).toBe(plain.needs === undefined)
        expect(evaluate({ not: checked.value }, context({ presence: presence() })).holds).toBe(!plain.holds)
      }),
    )
  })
})
