import type { EpochId, EventId, GateId } from '@gatehouse/domain'
import { chainHash, encodeBulk, encodeJournalLine, GENESIS, type JournalEntry, toHex } from '@gatehouse/protocol'
import { describe, expect, test } from 'vitest'
import { type Checked, type CheckInput, checkBatch } from './check-batch.ts'
import { digestOfHash, readJournalMessage } from './journal-message.ts'
import type { EpochState, Held } from './ports.ts'

const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const epoch = '01990000-0000-7000-8000-0000000000e1' as EpochId
const event = '01990000-0000-7000-8000-00000000e001' as EventId
const at = 1_795_000_000_000
const sig = `${'A'.repeat(86)}==`

function entry(what: string): JournalEntry {
  const clock = { trust: 'synced', offsetMs: 0, errorMs: 0 } as const
  return { at, monoMs: 1, boot: '01990000-0000-7000-8000-00000000f001', clock, kind: 'system', what }
}

/** The lines 1..n of a gate, and their hashes with h(0) first; `from` on they say something else. */
function history(count: number, otherFrom = Number.POSITIVE_INFINITY) {
  const lines = Array.from({ length: count }, (_, index) =>
    encodeJournalLine(index + 1, entry(index + 1 >= otherFrom ? 'other' : 'one')),
  )
  const hashes = [GENESIS]
  for (const line of lines) hashes.push(chainHash(hashes.at(-1) as Uint8Array, line))
  return { lines, hashes }
}

type History = ReturnType<typeof history>
const hashOf = ({ hashes }: History, seq: number) => toHex(hashes[seq] as Uint8Array)

function message({ lines, hashes }: History, from: number, to: number, given: object = {}) {
  const prev = toHex(hashes[from - 1] as Uint8Array)
  const head = toHex(hashes[to] as Uint8Array)
  const header = { v: 1, epoch, from, to, prev, head, lane: 'live', sentAt: at, ...given }
  const read = readJournalMessage(encodeBulk(header, lines.slice(from - 1, to)))
  if (!read.ok) throw new Error(read.detail)
  return read.message
}

const start: EpochState = {
  gate,
  epoch,
  through: 0,
  head: toHex(GENESIS),
  runs: [],
  signedTo: 0,
  forked: false,
  revision: 0,
}

function held({ hashes }: History, seqs: readonly number[]): ReadonlyMap<number, Held> {
  return new Map(seqs.map((seq) => [seq, { digest: digestOfHash(hashes[seq] as Uint8Array), parked: false }]))
}

function check(given: Partial<CheckInput> & Pick<CheckInput, 'message'>): Checked {
  const defaults = { state: start, held: new Map(), verify: () => true, events: new Set([event]), receivedAt: at }
  const checked = checkBatch({ ...defaults, ...given })
  if (!checked) throw new Error('could not be placed')
  return checked
}

const one = history(30)

describe('what is new', () => {
  test('a batch that joins the prefix becomes facts and moves the prefix', () => {
    const { facts, after, parkedSeqs } = check({ message: message(one, 1, 5) })
    expect(facts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect([after.through, after.head, parkedSeqs]).toEqual([5, hashOf(one, 5), []])
  })

  test('live entries beyond a gap wait as a run, and the prefix passes over them when the gap is filled', () => {
    const ahead = check({ message: message(one, 8, 9) })
    expect([ahead.after.through, ahead.after.runs.length, ahead.facts.length]).toEqual([0, 1, 2])
    const filled = check({ message: message(one, 1, 7), state: ahead.after })
    expect([filled.after.through, filled.after.head, filled.after.runs]).toEqual([9, hashOf(one, 9), []])
  })

  test('of a batch that overlaps what is held only the rest is new', () => {
    const { after } = check({ message: message(one, 1, 5) })
    const more = check({ message: message(one, 3, 8), state: after, held: held(one, [3, 4, 5]) })
    expect(more.facts.map(({ seq }) => seq)).toEqual([6, 7, 8])
    expect(more.after).toMatchObject({ through: 8, forked: false })
  })

  test('a repetition changes nothing', () => {
    const { after } = check({ message: message(one, 1, 5) })
    const again = check({ message: message(one, 1, 5), state: after, held: held(one, [1, 2, 3, 4, 5]) })
    expect(again.after).toBe(after)
    expect([again.facts, again.parked, again.raw]).toEqual([[], [], undefined])
  })

  test('a signature that comes later covers what was unsigned', () => {
    const { after } = check({ message: message(one, 1, 5) })
    expect(after).toMatchObject({ signedTo: 0, unsignedSince: at })
    const signed = check({ message: message(one, 5, 5, { sig }), state: after, held: held(one, [5]) })
    expect(signed.after.signedTo).toBe(5)
    expect(signed.after.unsignedSince).toBeUndefined()
  })

  test('a batch of a hundred entries without a signature is alerted, and its lines are facts all the same', () => {
    const long = history(100)
    const { alerts, facts, parkedSeqs } = check({ message: message(long, 1, 100) })
    expect([alerts, facts.length, parkedSeqs]).toEqual([[{ what: 'unsigned', seq: 1, count: 100 }], 100, []])
    expect(check({ message: message(long, 1, 99) }).alerts).toEqual([])
    expect(check({ message: message(long, 1, 100, { sig }) }).alerts).toEqual([])
  })

  test('more than 64 gaps are not taken: the gate sends again when they are filled', () => {
    let state = start
    for (let seq = 2; seq <= 129; seq += 2) state = check({ message: message(history(200), seq, seq), state }).after
    expect(
      checkBatch({
        message: message(history(200), 150, 150),
        state,
        held: new Map(),
        verify: () => true,
        events: new Set(),
        receivedAt: at,
      }),
    ).toBeUndefined()
  })
})

describe('what is parked', () => {
  test('a line that is no entry is parked alone; the others are facts and the prefix goes on', () => {
    const { lines } = history(3)
    const broken = [lines[0] as string, '{"seq":2,"kind":"nonsense"}', lines[2] as string]
    const hashes = [GENESIS]
    for (const line of broken) hashes.push(chainHash(hashes.at(-1) as Uint8Array, line))
    const checked = check({ message: message({ lines: broken, hashes }, 1, 3) })
    expect([checked.facts.map(({ seq }) => seq), checked.parkedSeqs, checked.after.through]).toEqual([[1, 3], [2], 3])
  })

  test('a wrong head or a wrong signature parks the message, and what follows still joins', () => {
    const broken = check({ message: message(one, 1, 2, { head: hashOf(one, 9) }) })
    expect([broken.facts.length, broken.parked.map(({ reason }) => reason)]).toEqual([0, ['chain', 'chain']])
    const forged = check({ message: message(one, 1, 2, { sig }), verify: () => false })
    expect([forged.parked.map(({ reason }) => reason), forged.after.through]).toEqual([['signature', 'signature'], 2])
    expect(check({ message: message(one, 3, 4), state: forged.after }).facts).toHaveLength(2)
  })

  test('numbers that the gate parked itself are held without a line', () => {
    const header = {
      v: 1,
      epoch,
      from: 1,
      to: 1,
      prev: toHex(GENESIS),
      head: hashOf(one, 1),
      lane: 'backlog',
      sentAt: at,
    }
    const read = readJournalMessage(encodeBulk({ ...header, skipped: true, sig }, []))
    if (!read.ok) throw new Error(read.detail)
    const { after, parkedSeqs, alerts } = check({ message: read.message })
    expect([after.through, after.head, parkedSeqs, alerts[0]?.what]).toEqual([
      1,
      hashOf(one, 1),
      [1],
      'skipped-by-gate',
    ])
  })
})

describe('another history', () => {
  const other = history(30, 4)
  const five = check({ message: message(one, 1, 5) }).after

  test('other bytes under a number that is taken are a conflict; the epoch is forked from then on', () => {
    const { parked, after, facts } = check({ message: message(other, 3, 5), state: five, held: held(one, [3, 4, 5]) })
    expect(parked.map(({ seq, reason }) => [seq, reason])).toEqual([
      [4, 'conflict'],
      [5, 'conflict'],
    ])
    expect([facts, after.through, after.head, after.forked]).toEqual([[], 5, hashOf(one, 5), true])
  })

  test('lines that do not follow from what is held are parked as a fork', () => {
    const { parkedSeqs, after } = check({ message: message(other, 6, 7), state: five })
    expect([parkedSeqs, after.through, after.forked]).toEqual([[6, 7], 7, true])
  })

  test('a gap whose filling leads elsewhere keeps both sides and marks the epoch', () => {
    const ahead = check({ message: message(other, 8, 9), state: five }).after
    const { facts, alerts, after } = check({ message: message(one, 6, 7), state: ahead })
    expect([facts.length, alerts.map(({ what }) => what), after.through, after.forked]).toEqual([
      2,
      ['broken-join'],
      9,
      true,
    ])
  })
})
