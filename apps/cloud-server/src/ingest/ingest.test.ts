import type { EpochId, EventId, GateId, OrgId } from '@gatehouse/domain'
import { type Ack, chainHash, encodeBulk, encodeJournalLine, GENESIS, toHex } from '@gatehouse/protocol'
import { describe, expect, test } from 'vitest'
import { createIngest } from './ingest.ts'
import type { IngestAlert } from './needs.ts'
import type { EpochState, GateBatch, IngestStore } from './ports.ts'

const org = '01990000-0000-7000-8000-000000000001' as OrgId
const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const epoch = '01990000-0000-7000-8000-0000000000e1' as EpochId
const at = 1_795_000_000_000

/** A message with the entries from..to of the one history of this test. */
function message(from: number, to: number, lane = 'live'): Uint8Array {
  const clock = { trust: 'synced', offsetMs: 0, errorMs: 0 }
  const lines: string[] = []
  let hash = GENESIS
  let prev = GENESIS
  for (let seq = 1; seq <= to; seq += 1) {
    const entry = { at, monoMs: seq, boot: epoch, clock, kind: 'system', what: 'test' } as const
    const line = encodeJournalLine(seq, entry as never)
    if (seq === from) prev = hash
    hash = chainHash(hash, line)
    if (seq >= from) lines.push(line)
  }
  return encodeBulk({ v: 1, epoch, from, to, prev: toHex(prev), head: toHex(hash), lane, sentAt: at + from }, lines)
}

const first: EpochState = {
  gate,
  epoch,
  through: 0,
  head: toHex(GENESIS),
  runs: [],
  signedTo: 0,
  forked: false,
  revision: 0,
}

function setUp(
  commit: (batches: readonly GateBatch[], turn: number) => Promise<void> | void = () => undefined,
  settings = {},
  pause?: () => Promise<void>,
) {
  let state = first
  let turns = 0
  const commits: number[] = []
  const acks: Ack[] = []
  const alerts: IngestAlert[] = []
  const store: IngestStore = {
    epoch: async () => state,
    held: async () => new Map(),
    eventsOf: async () => [] as EventId[],
    async commit(batches) {
      await commit(batches, (turns += 1))
      if (batches[0]?.before.revision !== state.revision) throw Object.assign(new Error(), { code: 'GH-INGEST-STALE' })
      state = batches[0].after
      commits.push(batches.reduce((sum, { facts }) => sum + facts.length, 0))
    },
  }
  const ingest = createIngest({
    store,
    verifyOf: async () => () => true,
    now: () => at,
    ack: (_org, _gate, ack) => acks.push(ack),
    alert: (alert) => alerts.push(alert),
    settings: { shards: 1, ...settings },
    ...(pause ? { pause } : {}),
  })
  return { ingest, commits, acks, alerts, become: (next: EpochState) => void (state = next) }
}

describe('ingest', () => {
  test('an ack is sent after the commit and not before', async () => {
    let release = () => {}
    const { ingest, acks } = setUp(() => new Promise<void>((resolve) => (release = resolve)))
    const offered = ingest.offer(org, gate, message(1, 3))
    await new Promise((resolve) => setImmediate(resolve))
    expect(acks).toEqual([])
    release()
    await offered
    expect(acks.map(({ through }) => through)).toEqual([3])
  })

  test('what arrives while a commit runs shares the next one, live before backlog, and one ack covers a gate', async () => {
    const order: number[][] = []
    const { ingest, commits, acks } = setUp(
      (batches) => void order.push(batches.flatMap(({ facts }) => facts.map(({ seq }) => seq))),
    )
    const offers = [ingest.offer(org, gate, message(1, 1))]
    await new Promise((resolve) => setImmediate(resolve))
    offers.push(ingest.offer(org, gate, message(2, 3, 'backlog')), ingest.offer(org, gate, message(4, 4)))
    offers.push(ingest.offer(org, gate, message(5, 5)))
    await Promise.all(offers)
    expect(commits).toEqual([1, 4])
    expect(order[1]).toEqual([4, 5, 2, 3])
    expect(acks.map(({ through }) => through)).toEqual([1, 5])
  })

  test('the first message goes at once; a small transaction after it pauses, so that what comes meanwhile shares it', async () => {
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    let release = () => {}
    let go = () => {}
    const { ingest, commits } = setUp(
      (_, number) => (number === 1 ? new Promise<void>((resolve) => (release = resolve)) : undefined),
      {},
      () => new Promise<void>((resolve) => (go = resolve)),
    )
    const offers = [ingest.offer(org, gate, message(1, 1))]
    await turn()
    offers.push(ingest.offer(org, gate, message(2, 2)))
    release()
    await turn()
    expect(commits).toEqual([1])
    offers.push(ingest.offer(org, gate, message(3, 3)))
    go()
    await Promise.all(offers)
    expect(commits).toEqual([1, 2])
  })

  test('a stale state is read again and the messages are checked anew', async () => {
    const { ingest, acks, become } = setUp((_, turn) => {
      if (turn === 1) become({ ...first, through: 2, head: toHex(hashAt(2)), revision: 7 })
    })
    await ingest.offer(org, gate, message(1, 4))
    expect(acks[0]?.through).toBe(4)
  })

  test('when the database fails nothing is acknowledged and the message is refused', async () => {
    const { ingest, acks } = setUp(() => Promise.reject(new Error('connection lost')))
    await expect(ingest.offer(org, gate, message(1, 2))).rejects.toMatchObject({ code: 'GH-INGEST-002' })
    expect(acks).toEqual([])
  })

  test('a message that the database can never take is parked and does not hold up its neighbours', async () => {
    const { ingest, acks, alerts } = setUp((batches) => {
      const isBad = batches.some(({ facts }) => facts.some(({ seq }) => seq === 2))
      if (isBad) throw Object.assign(new Error('invalid byte sequence'), { code: '22021' })
    })
    await Promise.all([1, 2, 3].map((seq) => ingest.offer(org, gate, message(seq, seq))))
    expect(acks.at(-1)?.through).toBe(3)
    expect(acks.find(({ parked }) => parked.length > 0)?.parked).toEqual([2])
    expect(alerts.map(({ what }) => what)).toEqual(['refused-by-database'])
  })

  test('a gate that never signs its large batches is alerted once for its epoch, not with every batch', async () => {
    const { ingest, alerts } = setUp()
    await ingest.offer(org, gate, message(1, 100))
    await ingest.offer(org, gate, message(101, 200))
    expect(alerts).toEqual([{ org, gate, epoch, what: 'unsigned', seq: 1, count: 100 }])
  })

  test('a full queue refuses without an ack', async () => {
    const { ingest } = setUp(() => new Promise<void>(() => undefined), { queueEntries: 5 })
    void ingest.offer(org, gate, message(1, 5))
    await expect(ingest.offer(org, gate, message(6, 6))).rejects.toMatchObject({ code: 'GH-INGEST-001' })
  })

  test('bytes that cannot be read are alerted with their beginning and never thrown', async () => {
    const { ingest, alerts, acks } = setUp()
    await ingest.offer(org, gate, new Uint8Array([1, 2, 3]))
    await ingest.hello(org, gate, new Uint8Array([1, 2, 3]))
    expect([alerts.map(({ what }) => what), acks]).toEqual([['unreadable', 'unreadable'], []])
  })
})

describe('hello', () => {
  const hello = (lastSeq: number, head?: string) =>
    Buffer.from(
      JSON.stringify({
        v: 1,
        software: 'x',
        protocol: [1],
        boot: epoch,
        epoch,
        lastSeq,
        ackedSeq: 0,
        feeds: [],
        sentAt: at,
        ...(head ? { head } : {}),
      }),
    )
  const state = { ...first, through: 5, head: toHex(hashAt(5)), revision: 1 }

  test('is answered with what is held', async () => {
    const { ingest, acks, become } = setUp()
    become(state)
    await ingest.hello(org, gate, hello(7))
    expect(acks).toEqual([
      { v: 1, epoch, through: 5, head: state.head, parked: [], serverTime: at, echo: { sentAt: at } },
    ])
  })

  test('with less than is held it asks for a new epoch and raises an alert', async () => {
    const { ingest, acks, alerts, become } = setUp()
    become(state)
    await ingest.hello(org, gate, hello(3))
    expect([acks[0]?.newEpoch, alerts[0]?.what]).toEqual([true, 'restored'])
  })

  test('one that comes late, after entries that were sent later, is not taken for a restored disk', async () => {
    const { ingest, acks, become } = setUp()
    become({ ...first, runs: [{ from: 4, to: 4, prev: toHex(hashAt(3)), head: toHex(hashAt(4)) }], revision: 1 })
    await ingest.hello(org, gate, hello(3, toHex(hashAt(3))))
    expect(acks[0]?.newEpoch).toBeUndefined()
  })
})

/** h(seq) of the history that `message` sends. */
function hashAt(seq: number): Uint8Array {
  const text = Buffer.from(message(seq, seq)).toString()
  return Buffer.from((JSON.parse(text.slice(0, text.indexOf('\n'))) as { head: string }).head, 'hex')
}
