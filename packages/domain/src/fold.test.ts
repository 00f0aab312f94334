// Facts come late, twice and out of order; presence is the same whatever the order.

import { aReading, someGate, someInstant, someParticipant, someRules } from '@gatehouse/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GateId, ParticipantId, Passage, Presence } from './index.ts'
import {
  adjustOccupancy,
  comparePassages,
  foldAll,
  foldPassage,
  foldPresence,
  occupancyOf,
  passageOf,
} from './index.ts'

const east = 'east' as GateId
const west = 'west' as GateId
const kim = 'kim' as ParticipantId

function passage(at: number, direction: Passage['direction'] = 'entry', more: Partial<Passage> = {}): Passage {
  return { participant: kim, gate: east, direction, at, ...more }
}

const passages = fc.array(
  fc.record(
    {
      participant: fc.constantFrom(kim, 'lee' as ParticipantId),
      gate: fc.constantFrom(east, west),
      direction: fc.constantFrom('entry' as const, 'exit' as const),
      at: fc.oneof(fc.nat(6), fc.integer({ min: 0, max: 2e12 })),
      zone: fc.constantFrom('hall', 'stage'),
    },
    { requiredKeys: ['participant', 'gate', 'direction', 'at'] },
  ) as fc.Arbitrary<Passage>,
  { maxLength: 30 },
)

const shuffled = (list: readonly Passage[], order: readonly number[]) =>
  list
    .map((each, index) => ({ each, key: order[index % Math.max(order.length, 1)] ?? 0 }))
    .sort((one, other) => one.key - other.key)
    .map(({ each }) => each)

describe('one passage after another', () => {
  test('an entry brings in, an exit brings out, and only entries count', () => {
    const entered = foldPassage(undefined, passage(1000, 'entry', { zone: 'hall' }))
    expect(entered).toEqual({
      id: kim,
      inside: true,
      zone: 'hall',
      entries: 1,
      lastAt: 1000,
      lastGate: east,
      lastDirection: 'entry',
      firstAt: 1000,
    })
    expect(foldPassage(entered, passage(2000, 'exit', { gate: west }))).toEqual({
      id: kim,
      inside: false,
      entries: 1,
      lastAt: 2000,
      lastGate: west,
      lastDirection: 'exit',
      firstAt: 1000,
    })
  })

  test('a late fact counts but does not bring back who has left since', () => {
    const left = foldPassage(foldPassage(undefined, passage(1000)), passage(3000, 'exit'))
    expect(foldPassage(left, passage(2000))).toMatchObject({ inside: false, entries: 2, lastAt: 3000 })
  })

  test('entries are counted by the event’s local day', () => {
    const lateEvening = Date.UTC(2026, 10, 20, 14, 30)
    const first = foldPassage(undefined, passage(lateEvening), 'Asia/Seoul')
    const second = foldPassage(first, passage(lateEvening + 3_600_000), 'Asia/Seoul')
    expect(second.days).toEqual({ '2026-11-20': 1, '2026-11-21': 1 })
  })

  test('days are kept for a year, the first ones go', () => {
    const day = 86_400_000
    const all = Array.from({ length: 400 }, (_, index) => passage(index * day))
    const days = Object.keys(foldAll(all, 'UTC').get(kim)?.days ?? {})
    expect([days.length, days[0], days.at(-1)]).toEqual([366, '1970-02-04', '1971-02-04'])
  })

  test('a first time is not invented for somebody who came before we looked', () => {
    const known: Presence = { id: kim, inside: false, entries: 2, lastAt: 5, lastGate: east, lastDirection: 'exit' }
    expect(foldPassage(known, passage(9)).firstAt).toBeUndefined()
    expect(foldPassage(undefined, passage(9, 'exit')).firstAt).toBeUndefined()
  })
})

describe('all passages', () => {
  test('any order and any repetition of the same passages give the same presence', () => {
    fc.assert(
      fc.property(passages, fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), fc.nat(5), (all, order, again) => {
        const told = [...shuffled(all, order), ...all.slice(0, again)]
        expect(foldAll(shuffled(told, order), 'Asia/Seoul')).toEqual(foldAll(all, 'Asia/Seoul'))
      }),
      { numRuns: 500 },
    )
  })

  test('distinct passages folded one by one in any order give what folding them all gives', () => {
    fc.assert(
      fc.property(passages, fc.array(fc.nat(), { minLength: 1 }), (all, order) => {
        const theirs = all.filter(({ participant }) => participant === kim)
        const once = theirs.filter(
          (each, index) => theirs.findIndex((other) => comparePassages(each, other) === 0) === index,
        )
        let presence: Presence | undefined
        for (const each of shuffled(once, order)) presence = foldPassage(presence, each, 'UTC')
        expect(presence).toEqual(foldAll(theirs, 'UTC').get(kim))
      }),
      { numRuns: 500 },
    )
  })

  test('entries are never negative, days add up to them, and inside is what the latest passage says', () => {
    fc.assert(
      fc.property(passages, (all) => {
        for (const [id, presence] of foldAll(all, 'UTC')) {
          const theirs = all.filter(({ participant }) => participant === id)
          const latest = [...theirs].sort(comparePassages).at(-1)
          expect(presence.inside).toBe(latest?.direction === 'entry')
          expect(presence.entries).toBeGreaterThanOrEqual(0)
          expect(presence.entries).toBeLessThanOrEqual(theirs.filter(({ direction }) => direction === 'entry').length)
          expect(Object.values(presence.days ?? {}).reduce((sum, each) => sum + each, 0)).toBe(presence.entries)
        }
      }),
    )
  })
})

describe('feed and own marks', () => {
  const feed: Presence = { id: kim, inside: false, entries: 1, lastAt: 2000, lastGate: west, lastDirection: 'exit' }

  test('without marks the feed is the presence, without both there is none', () => {
    expect(foldPresence(feed, [])).toEqual(feed)
    expect(foldPresence(undefined, [])).toBeUndefined()
  })

  test('own marks that have not come back stand on top of the feed, each once', () => {
    const own = passage(3000)
    expect(foldPresence(feed, [own, own])).toMatchObject({ inside: true, entries: 2, lastAt: 3000, lastGate: east })
  })

  test('a mark that the feed already shows as the latest passage is not counted again', () => {
    const returned = foldPassage(undefined, passage(3000))
    expect(foldPresence(returned, [passage(3000)])).toEqual(returned)
  })

  test('a decision that opened makes the passage that is marked', () => {
    const decision = { outcome: 'admit', direction: 'entry', participant: someParticipant } as const
    expect(passageOf(aReading(), decision, someRules())).toEqual({
      participant: someParticipant,
      gate: someGate,
      direction: 'entry',
      at: someInstant,
      zone: 'hall',
    })
    expect(passageOf(aReading(), { ...decision, repeated: true }, someRules())).toBeUndefined()
  })
})

describe('occupancy', () => {
  test('counts who is inside, for the event and by zone', () => {
    const all = foldAll([
      passage(1, 'entry', { zone: 'hall' }),
      { ...passage(2), participant: 'lee' as ParticipantId },
      { ...passage(3, 'exit'), participant: 'ann' as ParticipantId },
    ])
    expect(occupancyOf(all.values())).toEqual({ event: 2, byZone: new Map([['hall', 1]]) })
  })

  test('correcting the feed’s counts by what changed gives what counting everybody gives', () => {
    fc.assert(
      fc.property(passages, passages, (before, after) => {
        const old = foldAll(before)
        const all = foldAll([...before, ...after])
        const changes = [...all].map(([id, presence]) => ({ before: old.get(id), after: presence }))
        expect(adjustOccupancy(occupancyOf(old.values()), changes)).toEqual(occupancyOf(all.values()))
      }),
    )
  })

  test('never falls below nobody', () => {
    const inside = foldPassage(undefined, passage(1, 'entry', { zone: 'hall' }))
    expect(adjustOccupancy({ event: 0, byZone: new Map() }, [{ before: inside }])).toEqual({
      event: 0,
      byZone: new Map(),
    })
  })
})
