import type { CredentialKey, EpochId, EventId, GateId, ParticipantId } from '@gatehouse/domain'
import {
  canonicalJson,
  type DecisionLine,
  type ParticipantLine,
  parseJournalLine,
  type RosterLine,
} from '@gatehouse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { JournalStore, RosterStore } from '../store/ports.ts'
import { createSqliteJournal } from '../store/sqlite-journal.ts'
import { createSqliteRoster } from '../store/sqlite-roster.ts'
import { type Admit, createAdmit, type Presentation } from './admit.ts'

const event = '01990000-0000-7000-8000-00000000e001' as EventId
const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const alice = '01990000-0000-7000-8000-00000000b001' as ParticipantId
const key = 'a1'.repeat(16) as CredentialKey

let mono: number
let journal: JournalStore
let roster: RosterStore
let admit: Admit
let appended: number[]

function put(...lines: readonly RosterLine[]): void {
  const from = roster.cursor('roster')
  roster.applyRoster({
    from,
    to: from + lines.length,
    lines: lines.map((line) => ({ line, text: canonicalJson(line) })),
  })
}

function aPerson(given: Partial<ParticipantLine> = {}): ParticipantLine {
  const credentials = [{ kind: 'qr', key, status: 'active' }] as const
  const base = { kind: 'participant', id: alice, status: 'active', ticketType: 'day', zones: [] } as const
  return { ...base, entryPolicy: 're-entry', credentials, ...given }
}

beforeEach(() => {
  mono = 5_000
  appended = []
  journal = createSqliteJournal({ path: ':memory:', epoch: () => '01990000-0000-7000-8000-0000000000e1' as EpochId })
  roster = createSqliteRoster({ path: ':memory:' })
  put({ kind: 'rules', id: event, duplicateWindowSec: 0 }, aPerson())
  admit = createAdmit({
    roster,
    journal,
    clock: { now: () => 1_795_000_000_000 + mono, monoMs: () => mono },
    boot: '01990000-0000-7000-8000-00000000f001',
    clockState: () => ({ trust: 'synced', offsetMs: 0, errorMs: 10 }),
    event,
    gate,
    isOffline: () => true,
    appended: ({ seq }) => appended.push(seq),
  })
})

const show = (given: Partial<Presentation> = {}) =>
  admit.present({
    lane: 'a',
    direction: 'entry',
    via: 'qr',
    presented: { kind: 'credential', of: 'qr', key },
    ...given,
  })

function lineAt(seq: number): DecisionLine {
  const parsed = parseJournalLine(journal.rows(journal.epoch(), seq, 1)[0]?.line ?? '')
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.value as DecisionLine
}

describe('a presentation', () => {
  test('is on disk with its mark, and said to be, before its effects are given', () => {
    const { decision, effects, row } = show()
    expect([decision.outcome, effects.release, row?.seq]).toEqual(['admit', true, 1])
    expect(lineAt(1)).toMatchObject({
      outcome: 'admit',
      participant: alice,
      rosterCursor: 2,
      presenceCursor: 0,
      offline: true,
    })
    expect(journal.marksOf(alice)).toMatchObject([{ direction: 'entry', seq: 1 }])
    expect(appended).toEqual([1])
  })

  test('that cannot be written has no effects: the failure goes to the caller', () => {
    Object.assign(journal, {
      append: () => {
        throw new Error('disk full')
      },
    })
    expect(() => show()).toThrow('disk full')
  })

  test('that is refused is journalled with rule and reason, and marks nobody', () => {
    put(aPerson({ status: 'cancelled' }))
    const { effects } = show()
    expect(effects.release).toBe(false)
    expect(lineAt(1)).toMatchObject({ outcome: 'deny', reason: 'cancelled', rosterCursor: 3 })
    expect(journal.marks()).toEqual([])
  })

  test('the same again is answered as before and written nowhere, as long as it is held up', () => {
    show()
    for (let count = 0; count < 5; count += 1) {
      mono += 8_000
      expect(show()).toMatchObject({ decision: { outcome: 'admit', repeated: true }, effects: { release: false } })
    }
    expect(journal.lastSeq()).toBe(1)
  })

  test('who came in by this gate is inside for it at once, without the cloud', () => {
    show()
    mono += 60_000
    expect(show().decision).toMatchObject({ outcome: 'deny', reason: 'already-inside' })
    expect(show({ direction: 'exit' }).decision.outcome).toBe('admit')
    mono += 60_000
    expect(show().decision.outcome).toBe('admit')
  })

  test('staff choose a person without a credential, and an override keeps the reason it was against', () => {
    put(aPerson({ status: 'blocked' }))
    const override = { staff: 'desk-1', note: 'known to us' }
    show({ via: 'manual', presented: { kind: 'participant', id: alice }, override })
    expect(lineAt(1)).toMatchObject({
      credential: '0'.repeat(32),
      outcome: 'admit',
      reason: 'blocked',
      staff: 'desk-1',
      override,
    })
  })

  test('what cannot be read is journalled too', () => {
    expect(show({ presented: { kind: 'unreadable', why: 'bad-signature' } }).row?.seq).toBe(1)
    expect(lineAt(1)).toMatchObject({ outcome: 'deny', reason: 'bad-signature' })
  })

  test('a full event is counted from the feed and the gate’s own marks together', () => {
    const bob = aPerson({ id: '01990000-0000-7000-8000-00000000b002' as ParticipantId })
    put({ kind: 'rules', id: event, capacity: 1 }, { ...bob, credentials: [] })
    show()
    expect(show({ via: 'manual', presented: { kind: 'participant', id: bob.id } }).decision.reason).toBe('full')
  })
})

test('a decision that staff took back counts no longer: the same ticket may enter at once', () => {
  show()
  admit.undo({ seq: 1, staff: 'desk-1', note: 'wrong person' })
  mono += 1_000
  expect(show().decision).toMatchObject({ outcome: 'admit' })
  expect(journal.lastSeq()).toBe(3)
})

test('door, passage, staff and system go into the same journal as readable lines', () => {
  admit.door('released', 'a')
  admit.passage(1)
  admit.staff('pin-failed')
  admit.system('start', { software: 'x' })
  expect([1, 2, 3, 4].map((seq) => lineAt(seq).kind as string)).toEqual(['door', 'passage', 'staff', 'system'])
})
