import type { EpochId } from '@gatehouse/domain'
import {
  type Ack,
  chainHash,
  decodeBulk,
  encodeJournalLine,
  GENESIS,
  type JournalEntry,
  type JournalHeader,
  toHex,
} from '@gatehouse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { JournalStore } from '../store/ports.ts'
import { createSqliteJournal } from '../store/sqlite-journal.ts'
import { createUplink, type Uplink, type UplinkMessage, type UplinkNote } from './uplink.ts'

const epochs = ['01990000-0000-7000-8000-0000000000e1', '01990000-0000-7000-8000-0000000000e2'] as EpochId[]
const boot = '01990000-0000-7000-8000-00000000f001'

let mono: number
let journal: JournalStore
let uplink: Uplink
let notes: UplinkNote[]

function system(what: string): JournalEntry {
  return { at: 1_000, monoMs: 1, boot, clock: { trust: 'synced', offsetMs: 0, errorMs: 0 }, kind: 'system', what }
}

function append(count: number): void {
  for (let index = 0; index < count; index += 1) {
    journal.append(system('test'))
    uplink.appended()
  }
}

interface Sent {
  readonly header: JournalHeader
  readonly lines: readonly string[]
}

function read(messages: readonly UplinkMessage[]): Sent[] {
  return messages
    .filter(({ name }) => name === 'journal')
    .map(({ payload }) => {
      const bulk = decodeBulk(payload)
      if (!bulk.ok) throw new Error(bulk.detail)
      return { header: bulk.value.header as unknown as JournalHeader, lines: bulk.value.lines }
    })
}

function ackOf(through: number, more: Partial<Ack> = {}): Ack {
  const head = journal.hashAt(journal.epoch(), through)
  return {
    v: 1,
    epoch: journal.epoch(),
    through,
    ...(head ? { head: toHex(head) } : {}),
    parked: [],
    serverTime: 0,
    echo: { sentAt: -1 },
    ...more,
  }
}

/** As the cloud does: of this very message. */
function echoOf({ header }: Sent): Ack['echo'] {
  const { sentAt, from, to, head } = header
  return { sentAt, from, to, head }
}

const ranges = (sent: readonly Sent[]) => sent.map(({ header }) => [header.lane, header.from, header.to])

beforeEach(() => {
  mono = 1_000
  notes = []
  const ids = [...epochs]
  journal = createSqliteJournal({ path: ':memory:', epoch: () => ids.shift() as EpochId })
  uplink = createUplink({
    journal,
    clock: { now: () => 1_795_000_000_000 + mono, monoMs: () => mono },
    random: () => 0.5,
    sign: () => `${'A'.repeat(86)}==`,
    newEpochId: () => ids.shift() as EpochId,
    about: () => ({ software: 'test/1', protocol: [1], boot, feeds: [] }),
    note: (note) => notes.push(note),
  })
})

/** Connected, hello answered. */
function online(through = 0): void {
  uplink.connected()
  uplink.tick()
  uplink.received(ackOf(through))
}

describe('lanes', () => {
  test('hello is the first message of a connection, and the backlog waits for its answer', () => {
    append(3)
    uplink.connected()
    expect(uplink.tick().map(({ name }) => name)).toEqual(['hello'])
    uplink.received(ackOf(0))
    expect(ranges(read(uplink.tick()))).toEqual([['backlog', 1, 3]])
  })

  test('without an answer the backlog goes after two seconds all the same', () => {
    append(1)
    uplink.connected()
    uplink.tick()
    expect(uplink.dueAt()).toBe(mono + 2_000)
    mono += 2_000
    expect(ranges(read(uplink.tick()))).toEqual([['backlog', 1, 1]])
  })

  test('live entries go before backlog', () => {
    append(600)
    uplink.connected()
    uplink.tick()
    append(1)
    uplink.received(ackOf(0))
    expect(ranges(read(uplink.tick()))).toEqual([
      ['live', 601, 601],
      ['backlog', 1, 500],
      ['backlog', 501, 600],
    ])
  })

  test('at most four backlog batches wait for an ack', () => {
    append(2_600)
    online()
    expect(ranges(read(uplink.tick())).map(([, from]) => from)).toEqual([1, 501, 1001, 1501])
    expect(uplink.tick()).toEqual([])
    uplink.received(ackOf(500))
    expect(ranges(read(uplink.tick())).map(([, from]) => from)).toEqual([2001])
  })

  test('while a live batch is under way others gather, for less than 50 ms', () => {
    online()
    append(1)
    expect(ranges(read(uplink.tick()))).toEqual([['live', 1, 1]])
    append(2)
    expect(uplink.tick()).toEqual([])
    expect(uplink.dueAt()).toBeLessThanOrEqual(mono + 50)
    mono = uplink.dueAt()
    expect(ranges(read(uplink.tick()))).toEqual([['live', 2, 3]])
  })

  test('a batch stays below the message limit', () => {
    for (let index = 0; index < 300; index += 1)
      journal.append({ ...system('big'), details: 'x'.repeat(3_000) } as never)
    online()
    const [first] = uplink.tick()
    expect(first?.payload.length).toBeLessThanOrEqual(256 * 1024)
  })
})

describe('acknowledgement', () => {
  test('nothing counts as safe before the cloud says so, and then all of the prefix does', () => {
    append(3)
    online()
    uplink.tick()
    expect(journal.epochs()[0]?.ackedThrough).toBe(0)
    uplink.received(ackOf(2))
    expect(journal.epochs()[0]?.ackedThrough).toBe(2)
  })

  test('an unacknowledged batch goes again after 10 s, then ever later, and any ack begins anew', () => {
    append(1)
    online()
    uplink.tick()
    const waits = [1, 2, 3].map(() => {
      const wait = uplink.dueAt() - mono
      mono = uplink.dueAt()
      expect(ranges(read(uplink.tick()))).toEqual([['backlog', 1, 1]])
      return wait
    })
    expect(waits[0]).toBe(10_000)
    expect(waits[2]).toBeGreaterThan(10_000)
    uplink.received(ackOf(0))
    expect(uplink.dueAt() - mono).toBe(10_000)
  })

  test('a live batch that the cloud holds beyond the prefix is not sent again', () => {
    append(1)
    online()
    uplink.tick()
    append(1)
    const [live] = read(uplink.tick())
    uplink.received(ackOf(0, { echo: echoOf(live as Sent) }))
    mono = uplink.dueAt()
    expect(ranges(read(uplink.tick()))).toEqual([['backlog', 1, 1]])
  })

  test('an ack of hello is not taken for that of a batch sent in the same millisecond', () => {
    uplink.connected()
    append(1)
    const messages = uplink.tick()
    const hello = JSON.parse(Buffer.from((messages[0] as UplinkMessage).payload).toString()) as { sentAt: number }
    uplink.received(ackOf(0, { echo: { sentAt: hello.sentAt } }))
    mono = uplink.dueAt()
    expect(ranges(read(uplink.tick()))).toEqual([['live', 1, 1]])
  })

  test('after all is said there is nothing to wake up for', () => {
    append(1)
    online()
    uplink.tick()
    uplink.received(ackOf(1))
    expect(uplink.tick()).toEqual([])
    expect(uplink.dueAt()).toBe(Number.POSITIVE_INFINITY)
  })

  test('parked lines are recorded and counted as safe', () => {
    append(2)
    online()
    uplink.tick()
    uplink.received(ackOf(2, { parked: [2] }))
    expect(journal.unsent().count).toBe(0)
    expect(notes).toEqual([{ what: 'parked-by-cloud', epoch: epochs[0], seqs: [2] }])
  })
})

describe('signatures', () => {
  test('the first batch of a connection is signed, the next are not until 30 s have passed', () => {
    online()
    const signed: boolean[] = []
    for (let seq = 1; seq <= 3; seq += 1) {
      append(1)
      signed.push(read(uplink.tick())[0]?.header.sig !== undefined)
      uplink.received(ackOf(seq))
      if (seq === 2) mono += 30_000
    }
    expect(signed).toEqual([true, false, true])
  })

  test('a batch of 100 entries or more is signed', () => {
    append(250)
    online()
    uplink.tick()
    uplink.received(ackOf(250))
    append(25)
    expect(read(uplink.tick())[0]?.header.sig).toBeUndefined()
    append(600)
    mono += 5_000
    uplink.disconnected()
    online(250)
    expect(read(uplink.tick()).map(({ header }) => header.sig !== undefined)).toEqual([true, true])
  })

  test('an unsigned tail is signed after 30 s of silence', () => {
    online()
    append(1)
    uplink.tick()
    uplink.received(ackOf(1))
    append(1)
    uplink.tick()
    uplink.received(ackOf(2))
    mono = uplink.dueAt()
    const [tail] = read(uplink.tick())
    expect([tail?.header.from, tail?.header.to, tail?.header.sig !== undefined]).toEqual([2, 2, true])
  })
})

describe('a batch that makes the broker hang up', () => {
  /** A broker that closes the connection when it sees this seq. */
  function hangUpOn(poison: number): { readonly connections: number; readonly arrived: Set<number> } {
    const arrived = new Set<number>()
    let connections = 0
    for (; connections < 60 && journal.unsent().count > 0; connections += 1) {
      online(prefixOf(arrived))
      for (let round = 0; round < 50; round += 1) {
        const sent = read(uplink.tick())
        const bad = sent.find(({ lines }) => lines.some((line) => (JSON.parse(line) as { seq: number }).seq === poison))
        if (bad) break
        if (sent.length === 0) break
        for (const { header } of sent) for (let seq = header.from; seq <= header.to; seq += 1) arrived.add(seq)
        uplink.received(ackOf(prefixOf(arrived)))
      }
      mono += 100
      uplink.disconnected()
    }
    return { connections, arrived }
  }

  function prefixOf(arrived: ReadonlySet<number>): number {
    let through = 0
    while (arrived.has(through + 1)) through += 1
    return through
  }

  test('it is halved down to the single line, which the gate parks itself; everything else arrives', () => {
    append(700)
    const { connections, arrived } = hangUpOn(333)
    expect(journal.unsent().count).toBe(0)
    expect(arrived.size).toBe(700)
    expect(connections).toBeLessThan(40)
    expect(notes).toEqual([{ what: 'parked-by-gate', epoch: epochs[0], seq: 333 }])
  })

  test('a link that only flaps loses nothing: ends long after a batch do not count', () => {
    append(1)
    for (let count = 0; count < 30; count += 1) {
      online()
      uplink.tick()
      mono += 5_000
      uplink.disconnected()
    }
    expect(notes).toEqual([])
  })
})

describe('another history of this epoch in the cloud', () => {
  test('an ack that the journal does not lead to opens a new epoch, and nothing counts as safe by it', () => {
    append(3)
    online()
    uplink.tick()
    uplink.received(ackOf(3, { head: 'ab'.repeat(32) }))
    expect(journal.epoch()).toBe(epochs[1])
    expect(journal.epochs()[0]).toMatchObject({ epoch: epochs[0], ackedThrough: 0 })
  })

  test('an ack beyond our last entry means a restored disk', () => {
    append(1)
    uplink.connected()
    uplink.tick()
    uplink.received({ ...ackOf(1), through: 5, head: 'ab'.repeat(32) })
    expect(notes).toEqual([{ what: 'new-epoch', ended: epochs[0], epoch: epochs[1] }])
  })

  test('entries that the cloud parked there are journalled again, once, and the others are not', () => {
    append(4)
    uplink.connected()
    uplink.tick()
    const ended = journal.epoch()
    uplink.received({ ...ackOf(4), newEpoch: true })
    const [batch] = read(uplink.tick()) as [Sent]
    expect(ranges([batch])).toEqual([['backlog', 1, 4]])
    const verdict: Ack = { ...ackOf(0), epoch: ended, through: 4, parked: [3, 4], echo: echoOf(batch), newEpoch: true }
    uplink.received(verdict)
    uplink.received(verdict)
    const again = journal.rows(journal.epoch(), 1, 10).map(({ line }) => JSON.parse(line) as { was: unknown })
    expect(again.map(({ was }) => was)).toEqual([
      { epoch: ended, seq: 3 },
      { epoch: ended, seq: 4 },
    ])
    expect(journal.epochs()).toHaveLength(1)
  })

  test('the chain of what is sent joins from batch to batch', () => {
    append(600)
    online()
    const sent = read(uplink.tick())
    let hash = GENESIS
    for (const { header, lines } of sent) {
      expect(header.prev).toBe(toHex(hash))
      for (const line of lines) hash = chainHash(hash, line)
      expect(header.head).toBe(toHex(hash))
    }
    expect(sent[0]?.lines[0]).toBe(encodeJournalLine(1, system('test')))
  })
})
