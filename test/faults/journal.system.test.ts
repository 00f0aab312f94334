/**
 * A gate with a real certificate sends journals that are damaged, contradictory or simply impossible to the real broker. Whatever is a
 * fact is stored once and flagged, whatever is none is parked or refused under its code, and the valid entry that follows is there.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { encodeJournalLine, LIMITS, signHead } from '@gatehouse/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, openTestVenue, settled, type TestVenue } from '../system/open-venue.ts'
import { admitted, beginJournal, bytesOf, doorMoved, type Journal, type Message, roughBytesOf } from './journal.ts'
import { connectGate, makeGate, type RogueGate } from './rogue-gate.ts'
import { makeStranger, type Stranger } from './stranger.ts'
import { countersOf, expectCounted, expectUnharmed, memoryOf } from './watch.ts'

const ROSE_AT_MOST = 64 * 1024 * 1024
const YEAR_MS = 31_557_600_000

let venue: TestVenue
let rogue: RogueGate
let stranger: Stranger
let memoryBefore: number
let people: string[]
/** Admissions that were sent intact: what the statistics have to show in the end. */
let sent = 0

beforeAll(async () => {
  venue = await openTestVenue({ people: 60, seed: 21 })
  rogue = await connectGate(await makeGate(venue, 'Rogue'))
  stranger = await makeStranger(venue)
  people = venue.venue.people.map(({ id }) => id)
  memoryBefore = memoryOf(venue.cloud.child.pid)
}, 120_000)
afterAll(async () => {
  rogue?.wire.end()
  await venue?.close()
})

function somebody(): string {
  return people[sent % people.length] as string
}

function entry(more: object = {}) {
  sent += 1
  return admitted(venue.venue.event, somebody(), more)
}

/** An entry that is sent so that it cannot be counted. */
function useless(more: object = {}) {
  return admitted(venue.venue.event, people[0] as string, more)
}

async function deliver(bytes: Uint8Array): Promise<void> {
  await rogue.saySurely('journal', bytes)
}

/** Sends one more valid entry and waits until the cloud holds everything up to it. */
async function expectGoesOn(journal: Journal) {
  const since = rogue.acks().length
  await deliver(bytesOf(journal.next([entry()])))
  return rogue.acked(journal.epoch, journal.seq, since)
}

interface Parked {
  readonly seq: string
  readonly reason: string
  readonly raw: string
}

function parkedOf(epoch: string): Promise<Parked[]> {
  return venue.query<Parked>(
    `SELECT p.seq, p.reason, p.raw FROM attendance.parked_entries p JOIN attendance.epochs e ON e.ref = p.epoch_ref
     WHERE e.epoch = $1 ORDER BY p.seq`,
    [epoch],
  )
}

function recordsOf(epoch: string) {
  return venue.query<{ seq: string; flags: string[]; at: Date; gate: string }>(
    'SELECT seq, flags, at, gate FROM attendance.records WHERE epoch = $1 ORDER BY seq',
    [epoch],
  )
}

const line = (value: unknown) => JSON.stringify(value)
const full = (seq: number, more: object) => ({ ...JSON.parse(encodeJournalLine(seq, useless())), ...more })
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

/** Lines that are chained and framed correctly and cannot be used. */
const uselessLines: readonly (readonly [string, string, (seq: number) => string])[] = [
  ['is not JSON', 'GH-WIRE-003', () => '{"seq":'],
  ['is a list', 'GH-WIRE-003', () => '[1,2,3]'],
  ['holds NaN', 'GH-WIRE-003', (seq) => line(full(seq, {})).replace('"tookUs":900', '"tookUs":NaN')],
  ['nests too deeply', 'GH-WIRE-004', (seq) => `{"seq":${seq},"kind":"decision","deviceInfo":${nested(200)}}`],
  ['names __proto__', 'GH-WIRE-004', (seq) => line(full(seq, {})).replace('{', '{"__proto__":{"outcome":"admit"},')],
  ['hides a NUL', 'GH-WIRE-004', (seq) => line(full(seq, { staff: 'a\0b' }))],
  ['hides half a character', 'GH-WIRE-004', (seq) => line(full(seq, { staff: 'a\ud83d' }))],
  ['counts beyond all integers', 'GH-WIRE-005', (seq) => line(full(seq, {})).replace('"tookUs":900', '"tookUs":1e999')],
  [
    'writes a bigint',
    'GH-WIRE-005',
    (seq) => line(full(seq, {})).replace('"tookUs":900', '"tookUs":9007199254740993000'),
  ],
  ['has an instant before 1970', 'GH-WIRE-005', (seq) => line(full(seq, { at: -1 }))],
  ['has a fraction', 'GH-WIRE-005', (seq) => line(full(seq, { tookUs: 0.5 }))],
  ['has text for a number', 'GH-WIRE-005', (seq) => line(full(seq, { tookUs: '900' }))],
  ['lacks the outcome', 'GH-WIRE-005', (seq) => line(full(seq, { outcome: undefined }))],
  ['invents an outcome', 'GH-WIRE-005', (seq) => line(full(seq, { outcome: 'open' }))],
  ['has SQL for an id', 'GH-WIRE-005', (seq) => line(full(seq, { participant: "' OR 1=1; --" }))],
  ['has an upper-case id', 'GH-WIRE-005', (seq) => line(full(seq, { event: venue.venue.event.toUpperCase() }))],
  ['is of an unknown kind', 'GH-WIRE-007', (seq) => line({ ...full(seq, {}), kind: 'teleport' })],
  ['is of kind constructor', 'GH-WIRE-007', (seq) => line({ ...full(seq, {}), kind: 'constructor' })],
  ['says another number', 'wrong-seq', (seq) => line(full(seq + 7, {}))],
  ['tells of an event that nobody knows', 'unknown-event', (seq) => line(full(seq, { event: randomUUID() }))],
  ["tells of another organization's event", 'unknown-event', (seq) => line(full(seq, { event: stranger.event }))],
]

test.each(uselessLines)(
  'a line that %s is parked as %s, and the entry after it counts',
  async (_what, reason, make) => {
    const journal = beginJournal(rogue)
    await deliver(bytesOf(journal.next([entry()])))
    const bad = make(journal.seq + 1)
    await deliver(bytesOf(journal.nextLines([bad])))
    await expectGoesOn(journal)
    expect((await parkedOf(journal.epoch)).map(({ seq, reason: why }) => [seq, why])).toEqual([['2', reason]])
    expect((await recordsOf(journal.epoch)).map(({ seq }) => seq)).toEqual(['1', '3'])
  },
)

/** Facts that are odd: stored, and those that can be seen to be odd are flagged. */
const oddFacts: readonly (readonly [string, string[], () => object])[] = [
  ['an instant at the end of all integers', ['future'], () => ({ at: Number.MAX_SAFE_INTEGER })],
  ['an instant ten years ahead', ['future'], () => ({ at: Date.now() + 10 * YEAR_MS })],
  ['an instant of 1970', ['outside-hours'], () => ({ at: 0 })],
  ['a decision that took for ever', [], () => ({ tookUs: Number.MAX_SAFE_INTEGER, monoMs: Number.MAX_SAFE_INTEGER })],
  ['feed cursors at the end of all integers', [], () => ({ rosterCursor: 2 ** 53 - 1, presenceCursor: 2 ** 53 - 1 })],
  [
    'a clock that is off by all integers',
    ['clock-untrusted'],
    () => ({
      clock: { trust: 'unknown', offsetMs: Number.MIN_SAFE_INTEGER, errorMs: Number.MAX_SAFE_INTEGER },
    }),
  ],
  ['a person whom nobody knows', ['unknown-participant'], () => ({ participant: randomUUID() })],
  ["another gate's id and fields that nobody knows", [], () => ({ gate: venue.gates[0]?.id, org: randomUUID() })],
  [
    'script and SQL in all texts',
    ['override'],
    () => ({
      lane: "a'; DROP TABLE attendance.epochs; --",
      rule: '<script>alert(1)</script>',
      override: { staff: '<img src=x onerror=alert(1)>', note: "$1'); DELETE FROM stats.events; --" },
    }),
  ],
  ['numbers that no column holds in its free part', [], () => ({ deviceInfo: { a: 1e308, b: -1e308, c: 5e-324 } })],
  ['literal escapes in its free part', [], () => ({ deviceInfo: { a: String.raw`\u0000 \ud83d` } })],
]

test.each(oddFacts)('%s is stored under this gate and flagged %j', async (_what, flags, more) => {
  const journal = beginJournal(rogue)
  await deliver(bytesOf(journal.next([entry(more())])))
  await expectGoesOn(journal)
  expect(await parkedOf(journal.epoch)).toEqual([])
  const [odd, next] = await recordsOf(journal.epoch)
  expect(odd?.flags).toEqual(expect.arrayContaining(flags))
  expect([odd?.gate, next?.gate]).toEqual([rogue.handover.gate, rogue.handover.gate])
})

test("a person of another organization's event counts as unknown, not as theirs", async () => {
  const journal = beginJournal(rogue)
  await deliver(bytesOf(journal.next([entry({ participant: stranger.participant })])))
  await expectGoesOn(journal)
  const [odd] = await recordsOf(journal.epoch)
  expect(odd?.flags).toContain('unknown-participant')
  expect(
    await venue.query('SELECT 1 FROM attendance.presence_now WHERE participant = $1', [stranger.participant]),
  ).toEqual([])
})

test.each<[string, string, (message: Message) => Message]>([
  ['whose chain does not lead to its head', 'chain', (m) => ({ ...m, lines: [...m.lines.slice(1), m.lines[0] ?? ''] })],
  ['with a line missing', 'chain', (m) => ({ ...m, lines: m.lines.slice(1) })],
  ['with a line too many', 'chain', (m) => ({ ...m, lines: [...m.lines, m.lines[0] ?? ''] })],
  [
    'signed by another key',
    'signature',
    (m) => ({ ...m, header: { ...m.header, sig: randomBytes(64).toString('base64') } }),
  ],
  [
    'signed for another end',
    'signature',
    (m) => {
      const { epoch, to, head } = m.header
      return { ...m, header: { ...m.header, sig: signHead(rogue.signingKey, epoch, to + 1, head) } }
    },
  ],
])('a message %s is parked whole as %s, and the next one counts', async (_what, reason, damage) => {
  const journal = beginJournal(rogue)
  const before = await countersOf(venue.cloud.http)
  const since = rogue.acks().length
  await deliver(bytesOf(damage(journal.next([useless(), useless(), useless()], true))))
  expect((await rogue.acked(journal.epoch, 3, since)).parked).toEqual([1, 2, 3])
  await expectGoesOn(journal)
  expect((await parkedOf(journal.epoch)).map((parked) => parked.reason)).toEqual([reason, reason, reason])
  await expectCounted(venue.cloud.http, before, 1, 'gatehouse_ingest_alerts_total', `"${reason}"`)
})

/** Messages that have no usable numbers, so that nothing can be acknowledged. */
const unreadable: readonly (readonly [string, string, (journal: Journal) => Uint8Array])[] = [
  ['of random bytes', 'GH-WIRE', () => randomBytes(2_000)],
  ['without anything', 'GH-WIRE-008', () => new Uint8Array()],
  ['of one line end', 'GH-WIRE-008', () => Buffer.from('\n')],
  ['that is cut off', 'GH-WIRE-008', (journal) => bytesOf(journal.next([useless()])).subarray(0, -20)],
  ['whose header is no JSON', 'GH-WIRE-003', () => roughBytesOf('v=1', ['x'])],
  ['whose header is null', 'GH-WIRE-003', () => roughBytesOf('null', ['x'])],
  ['with a bomb for a header', 'GH-WIRE-004', () => roughBytesOf(`{"v":1,"x":${nested(600)}}`, ['x'])],
  ['of version 2', 'GH-WIRE-006', (j) => headed(j, { v: 2 })],
  ['from a larger number to a smaller one', 'GH-WIRE-009', (j) => headed(j, { from: 9, to: 3 })],
  ['from 0', 'GH-WIRE-005', (j) => headed(j, { from: 0 })],
  ['to a bigint', 'GH-WIRE-005', (j) => headed(j, { to: 2 ** 60 })],
  ['of more numbers than a batch has', 'GH-INGEST-010', (j) => headed(j, { from: 1, to: 2 ** 53 - 1 })],
  ['in a lane of its own', 'GH-WIRE-005', (j) => headed(j, { lane: 'fast' })],
  ['with a head that is no hash', 'GH-WIRE-005', (j) => headed(j, { head: 'ff' })],
  ['with a line of more than 4 KiB', 'GH-WIRE-001', () => roughBytesOf('{}', ['x'.repeat(LIMITS.lineBytes + 1)])],
  ['that is not UTF-8', 'GH-WIRE-002', () => Buffer.concat([roughBytesOf('{}', []), Buffer.from([0xff, 0xfe, 0x0a])])],
]

function headed(journal: Journal, change: object): Uint8Array {
  const { header, lines } = journal.next([useless()])
  return roughBytesOf({ ...header, ...change }, lines)
}

test.each(unreadable)('a message %s is kept under %s and never acknowledged', async (_what, code, make) => {
  const journal = beginJournal(rogue)
  const before = await countersOf(venue.cloud.http)
  await deliver(make(beginJournal(rogue)))
  await expectCounted(venue.cloud.http, before, 1, 'gatehouse_ingest_alerts_total', '"unreadable"')
  await expectGoesOn(journal)
  await eventually('the message is kept', 5_000, async () => {
    const [last] = await venue.query<{ reason: string; gate: string }>(
      'SELECT reason, gate FROM attendance.unreadable_messages ORDER BY id DESC LIMIT 1',
    )
    return last?.gate === rogue.handover.gate && last.reason.startsWith(code)
  })
})

test('what comes after a gap is held, and acknowledged when the gap is filled', async () => {
  const journal = beginJournal(rogue)
  await deliver(bytesOf(journal.next([entry()])))
  const missing = journal.next([entry(), entry()])
  const since = rogue.acks().length
  await deliver(bytesOf(journal.next([entry()])))
  expect((await rogue.acked(journal.epoch, 1, since)).through).toBe(1)
  await deliver(bytesOf(missing))
  await rogue.acked(journal.epoch, 4)
  expect((await recordsOf(journal.epoch)).map(({ seq }) => seq)).toEqual(['1', '2', '3', '4'])
})

test('numbers at the end of all integers are held without an ack for what is missing before them', async () => {
  const journal = beginJournal(rogue)
  await deliver(bytesOf(journal.next([entry()])))
  journal.skip(2 ** 53 - 3)
  const since = rogue.acks().length
  await deliver(bytesOf(journal.next([entry()])))
  expect((await rogue.acked(journal.epoch, 1, since)).through).toBe(1)
  expect((await recordsOf(journal.epoch)).map(({ seq }) => seq)).toEqual(['1', String(2 ** 53 - 1)])
})

test('a thousand gaps are refused at some point and never bring anything down', async () => {
  const journal = beginJournal(rogue)
  const before = await countersOf(venue.cloud.http)
  for (let gap = 0; gap < 150; gap += 1) {
    journal.skip(1)
    rogue.say('journal', bytesOf(journal.next([doorMoved()])))
  }
  await expectCounted(venue.cloud.http, before, 1, 'gatehouse_broker_refused_total', '"ingest-behind"')
  const [held] = await venue.query<{ runs: number }>(
    'SELECT jsonb_array_length(runs) AS runs FROM attendance.epochs WHERE epoch = $1',
    [journal.epoch],
  )
  expect(held?.runs).toBe(64)
  await expectGoesOn(beginJournal(rogue))
})

test('the same batch again is acknowledged again and counted once', async () => {
  const journal = beginJournal(rogue)
  const old = bytesOf(journal.next([entry(), entry()], true))
  await deliver(old)
  await deliver(bytesOf(journal.next([entry()])))
  await rogue.acked(journal.epoch, 3)
  const since = rogue.acks().length
  for (let again = 0; again < 5; again += 1) await deliver(old)
  const ack = await rogue.acked(journal.epoch, 3, since)
  expect([ack.parked, ack.newEpoch]).toEqual([[], undefined])
  expect(await recordsOf(journal.epoch)).toHaveLength(3)
})

test('other bytes under numbers that are taken are parked and alerted, and the first ones stay', async () => {
  const journal = beginJournal(rogue)
  const first = journal.next([entry(), entry()])
  await deliver(bytesOf(first))
  await rogue.acked(journal.epoch, 2)
  const before = await countersOf(venue.cloud.http)
  const kept = await recordsOf(journal.epoch)
  const other = beginJournal(rogue).next([useless(), useless()])
  const since = rogue.acks().length
  await deliver(bytesOf({ ...other, header: { ...other.header, epoch: first.header.epoch } }))
  const ack = await rogue.acked(journal.epoch, 2, since)
  expect([ack.newEpoch, ack.parked]).toEqual([true, [1, 2]])
  expect((await parkedOf(journal.epoch)).map(({ reason }) => reason)).toEqual(['conflict', 'conflict'])
  expect(await recordsOf(journal.epoch)).toEqual(kept)
  await expectCounted(venue.cloud.http, before, 1, 'gatehouse_ingest_alerts_total', '"conflict"')
  await expectGoesOn(beginJournal(rogue))
})

test('lines that follow another history than the one held are parked as a fork', async () => {
  const journal = beginJournal(rogue)
  await deliver(bytesOf(journal.next([entry()])))
  await rogue.acked(journal.epoch, 1)
  const other = journal.next([useless()])
  const since = rogue.acks().length
  const foreign = { ...beginJournal(rogue).nextLines(other.lines).header, epoch: other.header.epoch, from: 2, to: 2 }
  await deliver(bytesOf({ header: foreign, lines: other.lines }))
  const ack = await rogue.acked(journal.epoch, 2, since)
  expect(ack.newEpoch).toBe(true)
  expect((await parkedOf(journal.epoch)).map(({ seq, reason }) => [seq, reason])).toEqual([['2', 'fork']])
})

test('a long batch without a signature is stored, and is not taken for signed', async () => {
  const journal = beginJournal(rogue)
  await deliver(bytesOf(journal.next(Array.from({ length: 120 }, () => doorMoved()))))
  await rogue.acked(journal.epoch, 120)
  const [epoch] = await venue.query<{ signed_to: string; unsigned_since: Date | null }>(
    'SELECT signed_to, unsigned_since FROM attendance.epochs WHERE epoch = $1',
    [journal.epoch],
  )
  expect([Number(epoch?.signed_to), epoch?.unsigned_since]).toEqual([0, expect.any(Date)])
  await expectGoesOn(journal)
})

test('an undo of what never was, or of itself, changes no number', async () => {
  const journal = beginJournal(rogue)
  for (const of of [1, 2, 2 ** 53 - 1]) {
    const undo = { ...doorMoved(), kind: 'undo', of, staff: 'nobody', note: '' }
    await deliver(bytesOf(journal.nextLines([line({ seq: journal.seq + 1, ...undo, state: undefined })])))
  }
  await expectGoesOn(journal)
  expect(await parkedOf(journal.epoch)).toEqual([])
})

test('after all that every admission counts once, in records and in every sum, and nobody else was touched', async () => {
  await settled(venue)
  const { gate } = rogue.handover
  const [records] = await venue.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM attendance.records WHERE gate = $1 AND outcome = 'admit'`,
    [gate],
  )
  const [sum] = await venue.query<{ count: number }>('SELECT count FROM stats.by_gate WHERE gate = $1', [gate])
  const [hours] = await venue.query<{ n: number }>('SELECT sum(count)::int AS n FROM stats.hourly WHERE gate = $1', [
    gate,
  ])
  const [event] = await venue.query<{ entries: number }>('SELECT entries FROM stats.by_event WHERE event = $1', [
    venue.venue.event,
  ])
  expect([records?.n, sum?.count, hours?.n, event?.entries]).toEqual([sent, sent, sent, sent])
  expect(await venue.query('SELECT 1 FROM stats.by_event WHERE event = $1', [stranger.event])).toEqual([])
  const overview = await venue.cloud.client.get<{ totals: { entries: number } }>(
    `/events/${venue.venue.event}/overview`,
  )
  expect(overview.totals.entries).toBe(sent)
  await expectUnharmed(venue)
  expect(memoryOf(venue.cloud.child.pid) - memoryBefore).toBeLessThan(ROSE_AT_MOST)
})
