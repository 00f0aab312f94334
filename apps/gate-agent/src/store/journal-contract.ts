/**
 * What every journal store promises, as tests: run on SQLite here and on the maps of the simulator there. A store that fails
 * one of these would lose or invent facts.
 */
import type { CredentialKey, EpochId, GateId, ParticipantId, Passage } from '@gatehouse/domain'
import { chainHash, type DecisionLine, GENESIS, type JournalEntry } from '@gatehouse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { JournalStore } from './ports.ts'

type DecisionEntry = Extract<JournalEntry, { kind: 'decision' }>
const epochs = ['01990000-0000-7000-8000-0000000000e1', '01990000-0000-7000-8000-0000000000e2'] as EpochId[]
export const [firstEpoch, secondEpoch] = epochs as [EpochId, EpochId]
export const alice = '01990000-0000-7000-8000-00000000b001' as ParticipantId
export const aliceKey = 'a1'.repeat(16) as CredentialKey
const gate = '01990000-0000-7000-8000-00000000a001' as GateId

export function aDecision(given: Partial<DecisionLine> = {}): DecisionEntry {
  return {
    at: 1_000,
    monoMs: 5,
    boot: '01990000-0000-7000-8000-00000000f001',
    clock: { trust: 'synced', offsetMs: 0, errorMs: 10 },
    kind: 'decision',
    event: '01990000-0000-7000-8000-00000000e001' as DecisionLine['event'],
    lane: 'a',
    direction: 'entry',
    via: 'qr',
    credential: aliceKey,
    participant: alice,
    outcome: 'admit',
    rosterCursor: 1,
    presenceCursor: 0,
    tookUs: 100,
    offline: false,
    ...given,
  }
}

export function aPassage(given: Partial<Passage> = {}): Passage {
  return { participant: alice, gate, direction: 'entry', at: 1_000, ...given }
}

function undo(of: number): JournalEntry {
  const { at, monoMs, boot, clock } = aDecision()
  return { at, monoMs, boot, clock, kind: 'undo', of, staff: 'desk-1', note: '' }
}

/** `open` gives a fresh store in `firstEpoch`; `reopen`, where there is one, the same store after its process died. */
export function journalContract(
  name: string,
  open: () => JournalStore,
  reopen?: (store: JournalStore) => JournalStore,
): void {
  describe(`journal store contract: ${name}`, () => {
    let journal: JournalStore
    beforeEach(() => {
      journal = open()
    })
    /** Every promise holds before and after a restart. */
    const bothWays = (look: (store: JournalStore) => void) => {
      look(journal)
      if (!reopen) return
      journal = reopen(journal)
      look(journal)
    }

    test('an empty journal has one epoch, no rows and the genesis hash', () => {
      bothWays((store) => {
        expect(store.epochs()).toEqual([{ epoch: firstEpoch, lastSeq: 0, ackedThrough: 0 }])
        expect(store.hashAt(firstEpoch, 0)).toEqual(GENESIS)
        expect(store.unsent()).toEqual({ count: 0, bytes: 0 })
      })
    })

    test('rows are numbered from 1 without gaps and each hash follows from the one before', () => {
      for (let n = 0; n < 20; n += 1) journal.append(aDecision({ at: 1_000 + n }))
      bothWays((store) => {
        const rows = store.rows(firstEpoch, 1, 100)
        expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
        let hash = GENESIS
        for (const row of rows) {
          hash = chainHash(hash, row.line)
          expect(Buffer.from(row.hash)).toEqual(Buffer.from(hash))
          expect(Buffer.from(store.hashAt(firstEpoch, row.seq) ?? [])).toEqual(Buffer.from(hash))
        }
        expect(store.rows(firstEpoch, 19, 1).map((row) => row.seq)).toEqual([19])
      })
    })

    test('what is not acknowledged counts as unsent, with its bytes and its oldest instant', () => {
      const rows = [1, 2, 3].map((n) => journal.append(aDecision({ at: n })))
      journal.acknowledge(firstEpoch, 1, [])
      const bytes = rows.slice(1).reduce((sum, row) => sum + Buffer.byteLength(row.line), 0)
      bothWays((store) => expect(store.unsent()).toEqual({ count: 2, bytes, oldestAt: 2 }))
    })

    test('an acknowledgement never goes back and never passes the last row', () => {
      journal.append(aDecision())
      journal.append(aDecision())
      journal.acknowledge(firstEpoch, 99, [])
      journal.acknowledge(firstEpoch, 1, [])
      bothWays((store) => expect(store.epochs()).toEqual([{ epoch: firstEpoch, lastSeq: 2, ackedThrough: 2 }]))
    })

    test('a mark is kept with its row until the feed has brought it back', () => {
      journal.append(aDecision(), aPassage())
      journal.append(aDecision({ at: 2_000 }), aPassage({ at: 2_000, direction: 'exit', zone: 'hall' }))
      bothWays((store) => {
        expect(store.marksOf(alice)).toEqual([
          { ...aPassage(), epoch: firstEpoch, seq: 1 },
          { ...aPassage({ at: 2_000, direction: 'exit', zone: 'hall' }), epoch: firstEpoch, seq: 2 },
        ])
      })
    })

    test('a forgotten mark comes back after a restart, a settled one does not', () => {
      for (const at of [1_000, 2_000, 3_000]) journal.append(aDecision({ at }), aPassage({ at }))
      journal.forgetMarks(firstEpoch, 1)
      journal.settleMarks()
      journal.forgetMarks(firstEpoch, 2)
      expect(journal.marks().map((mark) => mark.seq)).toEqual([3])
      if (!reopen) return
      journal = reopen(journal)
      expect(journal.marks().map((mark) => mark.seq)).toEqual([2, 3])
    })

    test('compaction spares a row whose mark is forgotten but not settled', () => {
      for (const at of [1, 2]) journal.append(aDecision({ at }), aPassage({ at }))
      journal.acknowledge(firstEpoch, 2, [])
      journal.forgetMarks(firstEpoch, 2)
      journal.compact(100)
      expect(journal.rows(firstEpoch, 1, 10).map((row) => row.seq)).toEqual([1, 2])
      journal.settleMarks()
      journal.compact(100)
      expect(journal.rows(firstEpoch, 1, 10)).toEqual([])
      expect(journal.append(aDecision()).seq).toBe(3)
    })

    test('marks of one person are forgotten only when they are acknowledged and old enough', () => {
      for (const at of [1_000, 2_000, 3_000]) journal.append(aDecision({ at }), aPassage({ at }))
      journal.acknowledge(firstEpoch, 2, [])
      journal.forgetMarksOf(alice, 1_500)
      journal.settleMarks()
      bothWays((store) => expect(store.marksOf(alice).map((mark) => mark.seq)).toEqual([2, 3]))
      journal.forgetMarksOf(alice, 9_000)
      journal.settleMarks()
      bothWays((store) => expect(store.marksOf(alice).map((mark) => mark.seq)).toEqual([3]))
    })

    test('a forgotten mark of one person, too, comes back after a restart, and keeps its row, until it is settled', () => {
      for (const at of [1, 2]) journal.append(aDecision({ at }), aPassage({ at }))
      journal.acknowledge(firstEpoch, 2, [])
      journal.forgetMarksOf(alice, 1)
      journal.settleMarks()
      journal.forgetMarksOf(alice, 2)
      expect(journal.marksOf(alice)).toEqual([])
      journal.compact(100)
      expect(journal.rows(firstEpoch, 1, 10).map((row) => row.seq)).toEqual([2])
      if (!reopen) return
      journal = reopen(journal)
      expect(journal.marksOf(alice).map((mark) => mark.seq)).toEqual([2])
      journal.settleMarks()
      journal = reopen(journal)
      expect(journal.marksOf(alice).map((mark) => mark.seq)).toEqual([2])
    })

    test('what was forgotten in an ended epoch is settled with the rest', () => {
      journal.append(aDecision(), aPassage())
      journal.append(aDecision(), aPassage({ at: 2_000 }))
      journal.openEpoch(secondEpoch)
      journal.append(aDecision(), aPassage({ at: 3_000 }))
      journal.forgetMarks(firstEpoch, 1)
      journal.settleMarks()
      bothWays((store) => {
        expect(store.marks().map((mark) => [mark.epoch, mark.seq])).toEqual([
          [firstEpoch, 2],
          [secondEpoch, 1],
        ])
      })
    })

    test('a decision that staff took back leaves neither a mark nor an earlier answer', () => {
      journal.append(aDecision(), aPassage())
      journal.append(undo(1), undefined, 1)
      bothWays((store) => {
        expect(store.marksOf(alice)).toEqual([])
        expect(store.earlier({ participant: alice })).toBeUndefined()
        expect(store.lastSeq()).toBe(2)
      })
    })

    test('the last answer is found by participant and by credential, whichever is newer', () => {
      journal.append(aDecision({ at: 1, outcome: 'deny', reason: 'revoked', rule: 'ADMIT-3' }))
      journal.append(aDecision({ at: 2, credential: 'b2'.repeat(16) as CredentialKey }))
      bothWays((store) => {
        expect(store.earlier({ credential: aliceKey })).toMatchObject({ at: 1, outcome: 'deny', reason: 'revoked' })
        expect(store.earlier({ credential: aliceKey, participant: alice })).toMatchObject({ at: 2, outcome: 'admit' })
        expect(store.earlier({ credential: 'c3'.repeat(16) as CredentialKey })).toBeUndefined()
      })
    })

    test('a new epoch begins at 1; the unsent rows of the old one can still be read and acknowledged', () => {
      journal.append(aDecision())
      journal.openEpoch(secondEpoch)
      expect(journal.append(aDecision()).seq).toBe(1)
      bothWays((store) => {
        expect(store.epoch()).toBe(secondEpoch)
        expect(store.epochs().map((life) => life.epoch)).toEqual([firstEpoch, secondEpoch])
        expect(store.rows(firstEpoch, 1, 10)).toHaveLength(1)
        expect(store.unsent().count).toBe(2)
      })
      journal.acknowledge(firstEpoch, 1, [])
      bothWays((store) => expect(store.epochs().map((life) => life.epoch)).toEqual([secondEpoch]))
    })

    test('a parked row is written again once, in the present epoch, and takes its mark with it', () => {
      journal.append(aDecision(), aPassage())
      journal.openEpoch(secondEpoch)
      const again = [{ seq: 1, entry: aDecision() }]
      expect(journal.acknowledge(firstEpoch, 1, [1], again)).toHaveLength(1)
      expect(journal.acknowledge(firstEpoch, 1, [1], again)).toHaveLength(0)
      bothWays((store) => {
        expect(store.lastSeq()).toBe(1)
        expect(store.marksOf(alice)).toEqual([{ ...aPassage(), epoch: secondEpoch, seq: 1 }])
      })
    })

    test('compaction keeps what is unsent, what is young and what a mark needs, and the chain goes on', () => {
      for (let n = 1; n <= 6; n += 1) journal.append(aDecision({ at: n }), n === 4 ? aPassage() : undefined)
      journal.acknowledge(firstEpoch, 5, [])
      const third = journal.hashAt(firstEpoch, 3)
      journal.compact(3)
      bothWays((store) => expect(store.rows(firstEpoch, 1, 10).map((row) => row.seq)).toEqual([3, 4, 5, 6]))
      journal.compact(100)
      bothWays((store) => {
        expect(store.rows(firstEpoch, 1, 10).map((row) => row.seq)).toEqual([4, 5, 6])
        expect(Buffer.from(store.hashAt(firstEpoch, 3) ?? [])).toEqual(Buffer.from(third ?? []))
        expect(store.hashAt(firstEpoch, 2)).toBeUndefined()
      })
      expect(journal.append(aDecision()).seq).toBe(7)
    })
  })
}
