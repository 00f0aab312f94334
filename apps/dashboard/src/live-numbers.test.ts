/** The dashboard must never show a number as live that has missed a change. */
import { describe, expect, test } from 'vitest'
import type { GateNumbers, LiveMessage, Overview, Scan } from './cloud-api.ts'
import { hearLive, type LiveNumbers } from './live-numbers.ts'
import { changesBehind, needsYou, notYetCounted, unsentOf } from './needs-you.ts'
import { words } from './words.ts'

const at = 1_000_000

function aGate(change: Partial<GateNumbers> = {}): GateNumbers {
  return {
    id: 'north',
    name: 'North',
    zone: null,
    lane: 'A',
    direction: 'entry',
    state: 'online',
    since: 0,
    unsent: 0,
    oldestUnsentAt: null,
    rosterCursor: 10,
    rosterHead: 10,
    rosterOk: true,
    problems: [],
    total: 5,
    denied: 0,
    lastAt: at,
    perMinute: 2,
    load: 0.2,
    waitSec: 10,
    ...change,
  }
}

const totals = {
  participants: 100,
  arrived: 5,
  rate: 5,
  inside: 4,
  entries: 5,
  exits: 1,
  denied: 0,
  asked: 0,
  doubleEntries: 0,
  perMinute: 2,
  trend: 'steady',
  lastAt: at,
} as const

function anOverview(change: Partial<Overview> = {}): Overview {
  return {
    event: { id: 'e', name: 'Expo', timeZone: 'UTC', startsAt: 0, endsAt: null },
    at,
    totals,
    gates: [aGate()],
    minutes: [{ at: 0, entries: 5, exits: 1 }],
    ...change,
  }
}

function aScan(id: string): Scan {
  return {
    id,
    at,
    gateName: 'North',
    direction: 'entry',
    method: 'qr_scan',
    outcome: 'admit',
    reason: null,
    name: null,
    ticketType: null,
    offline: false,
    flags: [],
  }
}

const snapshot: LiveMessage = { type: 'snapshot', seq: 7, at, overview: anOverview(), scans: [aScan('1')] }

function after(...messages: readonly LiveMessage[]): LiveNumbers {
  return messages.reduce<LiveNumbers | undefined>(hearLive, undefined) as LiveNumbers
}

describe('live numbers', () => {
  test('changes are merged by gate, by minute and by scan', () => {
    const held = after(snapshot, {
      type: 'stats.updated',
      seq: 8,
      at: at + 1,
      totals: { ...totals, arrived: 6 },
      gates: [aGate({ id: 'east', name: 'East' }), aGate({ load: 0.5 })],
      minutes: [
        { at: 60_000, entries: 1, exits: 0 },
        { at: 0, entries: 6, exits: 1 },
      ],
      scans: [aScan('2'), aScan('1')],
    })
    expect(held.overview.totals.arrived).toBe(6)
    expect(held.overview.gates.map(({ name, load }) => [name, load])).toEqual([
      ['East', 0.2],
      ['North', 0.5],
    ])
    expect(held.overview.minutes.map(({ entries }) => entries)).toEqual([6, 1])
    expect(held.scans.map(({ id }) => id)).toEqual(['2', '1'])
  })

  test('after a hole nothing changes until the next snapshot', () => {
    const late: LiveMessage = { type: 'stats.updated', seq: 9, at: at + 2, totals: { ...totals, arrived: 99 } }
    const next: LiveMessage = { type: 'stats.updated', seq: 8, at: at + 2, totals: { ...totals, arrived: 98 } }
    const held = after(snapshot, late, next)
    expect(held.isWaitingForSnapshot).toBe(true)
    expect(held.overview.totals.arrived).toBe(5)
    expect(held.at).toBe(at)
    expect(after(snapshot, late, { ...snapshot, seq: 12 }).isWaitingForSnapshot).toBe(false)
  })

  test('a tick moves only the age of the numbers, and tells of a hole', () => {
    expect(after(snapshot, { type: 'tick', seq: 7, at: at + 15_000 }).at).toBe(at + 15_000)
    expect(after(snapshot, { type: 'tick', seq: 8, at }).isWaitingForSnapshot).toBe(true)
  })

  test('a message before the first snapshot, or of a kind not known, changes nothing', () => {
    expect(hearLive(undefined, { type: 'tick', seq: 1, at })).toBeUndefined()
    const odd = { type: 'weather', seq: 8, at } as unknown as LiveMessage
    expect(after(snapshot, odd)).toEqual(after(snapshot))
  })

  test('scans and minutes stay bounded through a long day', () => {
    const messages = Array.from(
      { length: 400 },
      (_, turn): LiveMessage => ({
        type: 'stats.updated',
        seq: 8 + turn,
        at,
        scans: [aScan(`s${turn}`)],
        minutes: [{ at: turn * 60_000, entries: 1, exits: 0 }],
      }),
    )
    const held = after(snapshot, ...messages)
    expect(held.scans).toHaveLength(50)
    expect(held.overview.minutes).toHaveLength(180)
  })
})

describe('what needs a person', () => {
  test('nothing, when all is well', () => {
    expect(needsYou(anOverview())).toEqual([])
  })

  test('stands in the order of what it costs to wait', () => {
    const gates = [
      aGate({ name: 'A', problems: [{ name: 'clock' }] }),
      aGate({ name: 'B', state: 'away', since: 5, unsent: 214, rosterCursor: 7 }),
      aGate({ name: 'C', load: 0.95, waitSec: 250 }),
      aGate({ name: 'D', rosterOk: false }),
      aGate({ name: 'E', parked: 2 }),
      aGate({ name: 'F', rosterCursor: 8, rosterBehindSince: at - 60_000 }),
    ]
    const needs = needsYou(anOverview({ gates, totals: { ...totals, doubleEntries: 1 } }))
    expect(needs.map(({ kind }) => kind)).toEqual([
      'list-differs',
      'overloaded',
      'double-entries',
      'away',
      'parked',
      'behind',
      'problem',
    ])
    expect(needs[3]).toEqual({ kind: 'away', gate: 'B', since: 5, unsent: 214, behind: 3 })
  })

  test('a gate that is being told right now is not worth a line, nor is a revoked one', () => {
    const fresh = aGate({ rosterCursor: 9, rosterBehindSince: at - 500 })
    const revoked = aGate({ state: 'revoked', rosterOk: false, parked: 3 })
    expect(needsYou(anOverview({ gates: [fresh, revoked] }))).toEqual([])
  })

  test('what is missing from the counts is named with its gates', () => {
    const gates = [aGate(), aGate({ name: 'West', state: 'away', unsent: 214 })]
    expect(notYetCounted(anOverview({ gates }))).toEqual({ count: 214, gates: ['West'] })
  })

  test('what is unsent or unknown for a moment only is not shown, so that nothing flickers', () => {
    const busy = aGate({ unsent: 1, oldestUnsentAt: at - 400, rosterCursor: 9, rosterBehindSince: at - 400 })
    const stuck = aGate({ unsent: 8, oldestUnsentAt: at - 6_000, rosterCursor: 9, rosterBehindSince: at - 6_000 })
    const gone = aGate({ state: 'away', unsent: 1, oldestUnsentAt: at - 400, rosterCursor: 9 })
    const told = [busy, stuck, gone].map((gate) => [unsentOf(gate, at), changesBehind(gate, at)])
    expect(told).toEqual([
      [0, 0],
      [8, 1],
      [1, 1],
    ])
    expect(notYetCounted(anOverview({ gates: [busy] }))).toEqual({ count: 0, gates: [] })
  })

  test('one change is one change', () => {
    expect(words('en').doesNotKnow('1')).toBe('does not know 1 change yet')
    expect(words('en').doesNotKnow('3')).toBe('does not know 3 changes yet')
    expect(words('en').needAwayUnsent('1')).toBe('At least 1 entry is not yet counted.')
    expect(words('ko').doesNotKnow('1')).toBe('변경 1건 미반영')
  })
})
