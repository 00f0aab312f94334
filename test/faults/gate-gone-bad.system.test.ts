/**
 * A gate that the broker knows does what it may not: it speaks in the names of others, listens to others, floods, and sends garbage and
 * extremes under every topic it has. All of it is refused or counted, none of it is delivered or stored, and the cloud serves on.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { feedTopic, LIMITS, UP_NAMES, type UpName, upTopic } from '@gatehouse/protocol'
import { systemClock } from '@gatehouse/runtime'
import { seededRandom } from '@gatehouse/testkit'
import mqttPacket from 'mqtt-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, openTestVenue, settled, type TestVenue } from '../system/open-venue.ts'
import { admitted, beginJournal, bytesOf } from './journal.ts'
import { mutate } from './mutate.ts'
import { connectGate, type Handover, makeGate, type RogueGate } from './rogue-gate.ts'
import { countersOf, expectCounted, expectUnharmed, memoryOf, risen } from './watch.ts'
import { publishPacket } from './wire.ts'

const REFUSED = 'gatehouse_broker_refused_total'
const UNREADABLE = 'gatehouse_gate_messages_unreadable_total'
const ALERTS = 'gatehouse_ingest_alerts_total'
const HUNG_UP_WITHIN_MS = 6_000
const ROSE_AT_MOST = 64 * 1024 * 1024
const MUTANTS = 2_400
const IN_FLIGHT = 60

const { generate } = mqttPacket

let venue: TestVenue
let bad: Handover
let good: RogueGate
let memoryBefore: number

beforeAll(async () => {
  venue = await openTestVenue({ people: 60, seed: 23 })
  bad = await makeGate(venue, 'Bad')
  good = await connectGate(await makeGate(venue, 'Good'))
  memoryBefore = memoryOf(venue.cloud.child.pid)
}, 120_000)
afterAll(async () => {
  good?.wire.end()
  await venue?.close()
})

const goods = () => good.handover
const event = () => venue.venue.event
const own = (name: string) => `gh/v1/${bad.org}/gates/${bad.gate}/up/${name}`
const journalBytes = (gate: RogueGate) =>
  bytesOf(beginJournal(gate).next([admitted(event(), venue.venue.people[0]?.id ?? '')]))

async function storedOf(gate: string): Promise<unknown[]> {
  return venue.query(
    'SELECT e.epoch FROM attendance.epochs e JOIN gates.gates g ON g.ref = e.gate_ref WHERE g.id = $1 AND NOT e.requests',
    [gate],
  )
}

test.each<[string, string, () => string]>([
  ["another gate's journal", 'publish', () => upTopic(goods().org, goods().gate, 'journal')],
  ["another gate's acks", 'publish', () => `gh/v1/${goods().org}/gates/${goods().gate}/down/ack`],
  ['its own acks', 'publish', () => `gh/v1/${bad.org}/gates/${bad.gate}/down/ack`],
  ['the roster of the event', 'publish', () => feedTopic(bad.org, event(), 'roster')],
  ['its own name in another organization', 'publish', () => upTopic(randomUUID(), bad.gate, 'journal')],
  ["the broker's own topics", 'publish', () => '$SYS/broker/clients'],
  ['a shared subscription', 'publish', () => `$share/all/${own('journal')}`],
  ['a path beside its own', 'publish', () => `${own('x').replace('/up/x', '/upx')}`],
  ['a hundred levels', 'protocol', () => own(Array.from({ length: 100 }, () => 'a').join('/'))],
  ['nothing below its own', 'publish', () => own('')],
])('a message to %s is refused, delivered to nobody and stored nowhere', async (_what, reason, topic) => {
  const gate = await connectGate(bad)
  const before = await countersOf(venue.cloud.http)
  const heard = good.wire.received.length
  gate.wire.send(publishPacket(topic(), journalBytes(gate)))
  expect(await gate.wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  await expectCounted(venue.cloud.http, before, 1, REFUSED, `"${reason}"`)
  expect(good.wire.received.slice(heard).filter(({ cmd }) => cmd === 'publish')).toEqual([])
  expect([await storedOf(bad.gate), await storedOf(goods().gate)]).toEqual([[], []])
})

test.each<[string, (topic: string) => string]>([
  ['a wildcard for all', () => '#'],
  ['a wildcard for one level', (topic) => topic.replace('/up/', '/+/')],
  ['NUL', (topic) => `${topic}\0`],
])('a message to a topic with %s is no message', async (_what, make) => {
  const gate = await connectGate(bad)
  const topic = make(own('journal'))
  const honest = publishPacket('x'.repeat(Buffer.byteLength(topic)), journalBytes(gate))
  gate.wire.sendBytes(withTopic(honest, topic))
  expect(await gate.wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  expect(await storedOf(bad.gate)).toEqual([])
})

/** The library that builds packets would refuse such a topic. */
function withTopic(packet: ReturnType<typeof publishPacket>, topic: string): Uint8Array {
  const bytes = Buffer.from(generate(packet))
  bytes.write(topic, bytes.indexOf('x'.repeat(packet.topic.length)), 'utf8')
  return bytes
}

test.each<[string, string, () => Parameters<typeof publishPacket>]>([
  ['a journal that asks to be retained', 'retain', () => [own('journal'), '{}', { retain: true }]],
  ['a retained hello', 'retain', () => [own('hello'), '{}', { retain: true }]],
  ['a journal that nobody has to acknowledge', 'qos', () => [own('journal'), '{}', { qos: 0 }]],
  ['a journal in two phases', 'qos', () => [own('journal'), '{}', { qos: 2 }]],
  ['a status in two phases', 'qos', () => [own('status'), '{}', { qos: 2 }]],
  ['a message of more than 256 KiB', 'too-large', () => [own('journal'), randomBytes(LIMITS.messageBytes + 2_048)]],
  ['a message of 64 MiB', 'too-large', () => [own('status'), new Uint8Array(64 * 1024 * 1024)]],
])('%s is refused as %s', async (_what, reason, packet) => {
  const gate = await connectGate(bad)
  const before = await countersOf(venue.cloud.http)
  gate.wire.send(publishPacket(...packet()))
  expect(await gate.wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  await expectCounted(venue.cloud.http, before, 1, REFUSED, `"${reason}"`)
  expect(await storedOf(bad.gate)).toEqual([])
})

test('subscriptions to anything but its own are refused one by one, and nothing of others is ever heard', async () => {
  const gate = await connectGate(bad)
  const { org } = goods()
  const filters = [
    '#',
    '+/+/+/#',
    '$SYS/#',
    `gh/v1/${org}/gates/+/down/#`,
    `gh/v1/${org}/gates/${goods().gate}/down/#`,
    `gh/v1/${org}/gates/${goods().gate}/up/#`,
    `$share/all/gh/v1/${org}/gates/${bad.gate}/down/#`,
    `gh/v1/${org}/events/${randomUUID()}/roster`,
    `gh/v1/${org}/events/+/roster`,
    `gh/v1/${org}/events/${event()}/#`,
    own('journal'),
  ]
  const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }))
  gate.wire.send({ cmd: 'subscribe', messageId: 9, subscriptions })
  const answer = await gate.wire.answer((packet) => packet.cmd === 'suback' && packet.messageId === 9)
  expect(answer?.cmd === 'suback' && answer.granted).toEqual(filters.map(() => 128))
  await venue.cloud.client.patch(`/participants/${venue.venue.people[3]?.id}`, { attention: 'changed' })
  await good.saySurely('journal', journalBytes(good))
  await eventually('the good gate is acknowledged', 10_000, () => good.acks().length > 0)
  expect(gate.wire.received.filter(({ cmd }) => cmd === 'publish')).toEqual([])
  gate.wire.end()
})

test('a second CONNECT, and packets that only brokers send, end the connection', async () => {
  for (const packet of [
    { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: goods().gate, clean: true } as const,
    { cmd: 'connack', returnCode: 0, sessionPresent: false } as const,
  ]) {
    const gate = await connectGate(bad)
    gate.wire.sendBytes(generate(packet))
    expect(await gate.wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  }
  await expectUnharmed(venue)
})

const ids = () => ({ v: 1, boot: randomUUID(), epoch: randomUUID(), sentAt: Date.now() })
const hello = (more: object = {}) => ({
  ...ids(),
  software: 'rogue 1',
  protocol: [1],
  lastSeq: 0,
  ackedSeq: 0,
  feeds: [],
  ...more,
})
const position = { event: '', feed: 'roster', cursor: 1 }
const sync = (more: object = {}) => ({ v: 1, event: event(), feed: 'roster', cursor: 0, sentAt: Date.now(), ...more })
const status = (more: object = {}) => ({
  v: 1,
  state: 'online',
  at: Date.now(),
  software: 'rogue 1',
  uptimeSec: 1,
  journal: { unsent: 0, bytes: 0 },
  feeds: [],
  clock: { trust: 'synced', offsetMs: 0, errorMs: 0 },
  checks: [],
  decisions: { total: 0, admit: 0, deny: 0, p99Us: 0 },
  cpuPct: 0,
  memoryBytes: 0,
  diskFreeBytes: 0,
  ...more,
})

const wrong: readonly (readonly [UpName, string, () => unknown])[] = [
  ['hello', 'a cursor beyond all integers', () => hello({ feeds: [{ ...position, event: event(), cursor: 2 ** 53 }] })],
  ['hello', 'a negative last seq', () => hello({ lastSeq: -1 })],
  ['hello', 'a thousand feeds', () => hello({ feeds: Array.from({ length: 1_000 }, () => position) })],
  ['hello', 'no protocol', () => hello({ protocol: [] })],
  ['sync', 'a cursor beyond all integers', () => sync({ cursor: 2 ** 53 })],
  ['sync', 'a negative cursor', () => sync({ cursor: -1 })],
  ['sync', 'a fraction of a cursor', () => sync({ cursor: 0.5 })],
  ['sync', 'buckets of wrong number', () => sync({ buckets: ['00'] })],
  ['sync', 'no bucket', () => sync({ buckets: [] })],
  ['sync', 'buckets that are no hashes', () => sync({ buckets: Array.from({ length: 256 }, () => 'x'.repeat(32)) })],
  ['sync', 'a million buckets', () => sync({ buckets: Array.from({ length: 6_000 }, () => '0'.repeat(32)) })],
  ['sync', 'a feed that there is not', () => sync({ feed: 'constructor' })],
  ['sync', "another event's feed", () => sync({ event: randomUUID() })],
  ['status', 'no fields', () => ({})],
  ['status', 'a negative number', () => status({ cpuPct: -1 })],
  ['status', 'a state of its own', () => status({ state: 'hacked' })],
  [
    'status',
    'a hundred checks',
    () => status({ checks: Array.from({ length: 100 }, () => ({ name: 'x', ok: true, sinceMs: 0 })) }),
  ],
  ['reported', 'no revision', () => ({ appliedAt: 1, config: {} })],
  ['reported', 'a revision of text', () => ({ revision: '1', appliedAt: 1, config: {} })],
  ['result', 'no id', () => ({ ok: true, detail: '', at: 1 })],
]

test.each(wrong)('up/%s with %s is counted and changes nothing', async (name, _what, make) => {
  const gate = await connectGate(bad)
  const before = await countersOf(venue.cloud.http)
  await gate.saySurely(name, JSON.stringify(make()))
  const sample = name === 'hello' ? [ALERTS, '"unreadable"'] : [UNREADABLE, `"${name}"`]
  await expectCounted(venue.cloud.http, before, 1, ...sample)
  expect(gate.wire.isClosed).toBe(false)
  gate.wire.end()
})

test.each<[string, () => string]>([
  ['nothing', () => ''],
  ['null', () => 'null'],
  ['a bomb', () => `{"v":1,"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ['__proto__', () => '{"v":1,"__proto__":{"ok":true}}'],
  ['version 2', () => '{"v":2}'],
  ['NUL', () => '{"v":1,"state":"\\u0000"}'],
])('every small message that is %s is counted under every name', async (_what, make) => {
  const gate = await connectGate(bad)
  const before = await countersOf(venue.cloud.http)
  const names = UP_NAMES.filter((name) => name !== 'journal' && name !== 'hello')
  for (const name of names) await gate.saySurely(name, make())
  for (const name of names) await expectCounted(venue.cloud.http, before, 1, UNREADABLE, `"${name}"`)
  gate.wire.end()
})

test('a hello with the largest numbers is answered for the epoch it names', async () => {
  const gate = await connectGate(bad)
  const said = hello({
    lastSeq: 2 ** 53 - 1,
    ackedSeq: 2 ** 53 - 1,
    feeds: [{ ...position, event: event(), cursor: 2 ** 53 - 1 }],
    sentAt: 2 ** 53 - 1,
  })
  await gate.saySurely('hello', JSON.stringify(said))
  expect((await gate.acked(said.epoch, 0)).through).toBe(0)
  gate.wire.end()
})

test.each<[string, object]>([
  ['far ahead of the head', { cursor: 2 ** 53 - 1 }],
  ['far ahead, of presence', { cursor: 2 ** 53 - 1, feed: 'presence' }],
  ['that continues a snapshot that never was', { cursor: 2 ** 53 - 1, snapshot: true }],
  ['with buckets of nothing', { buckets: Array.from({ length: 256 }, () => '0'.repeat(32)) }],
  ['with buckets of everything', { buckets: Array.from({ length: 256 }, () => 'f'.repeat(32)) }],
])('a sync %s is answered with a page', async (_what, more) => {
  const gate = await connectGate(bad)
  const since = gate.wire.received.length
  await gate.saySurely('sync', JSON.stringify(sync(more)))
  const page = await gate.wire.answer((packet) => packet.cmd === 'publish' && packet.topic.endsWith('/feed'), since)
  expect(page).toBeDefined()
  gate.wire.end()
})

test('three hundred syncs at once are answered a few at a time, and the rest is counted', async () => {
  const gate = await connectGate(bad)
  const before = await countersOf(venue.cloud.http)
  for (let turn = 0; turn < 300; turn += 1) gate.say('sync', JSON.stringify(sync()))
  await expectCounted(venue.cloud.http, before, 1, UNREADABLE, '"sync"', '"refused"')
  gate.wire.end()
})

/** Right by shape, and made to hurt whoever reads them later. */
const hostile: readonly (readonly [UpName, string, () => string])[] = [
  ['status', 'the largest numbers everywhere', () => JSON.stringify(status(largest()))],
  ['status', 'a number that no database holds', () => JSON.stringify(status()).replace('{', '{"x":1e200000,')],
  ['reported', 'a number that no database holds', () => '{"revision":1,"appliedAt":1,"config":{"x":1e200000}}'],
  [
    'reported',
    'script and a long text',
    () => JSON.stringify({ revision: 2 ** 53 - 1, appliedAt: 2 ** 53 - 1, config: { x: '<script>'.repeat(20_000) } }),
  ],
  [
    'result',
    'a command that nobody gave',
    () => JSON.stringify({ id: randomUUID(), ok: true, detail: 'x'.repeat(9_000), at: 1 }),
  ],
]

function largest() {
  const most = Number.MAX_SAFE_INTEGER
  return {
    at: most,
    uptimeSec: most,
    journal: { unsent: most, bytes: most, oldestUnsentAt: most },
    feeds: [
      { event: event(), feed: 'roster', cursor: most, root: 'f'.repeat(64), rows: most },
      { event: event(), feed: 'presence', cursor: most },
    ],
    clock: { trust: 'unknown', offsetMs: -most, errorMs: most },
    checks: Array.from({ length: 64 }, (_, n) => ({ name: `<b>${n}`, ok: false, detail: "'; --", sinceMs: most })),
    decisions: { total: most, admit: most, deny: most, p99Us: most },
    cpuPct: most,
    memoryBytes: most,
    diskFreeBytes: most,
  }
}

test.each(hostile)(
  'after up/%s with %s the pages still have their numbers and other gates their state',
  async (name, _what, make) => {
    const gate = await connectGate(bad)
    await gate.saySurely(name, make())
    const at = Date.now()
    await good.saySurely('status', JSON.stringify(status({ at })))
    await eventually("the good gate's status is kept", 10_000, async () => {
      const [row] = await venue.query<{ at: string }>(
        `SELECT last_status->>'at' AS at FROM gates.gates WHERE id = $1`,
        [goods().gate],
      )
      return row?.at === String(at)
    })
    const overview = await venue.cloud.client.get<{ gates: unknown[] }>(`/events/${event()}/overview`)
    expect(overview.gates).toHaveLength(venue.venue.gates.length + 2)
    gate.wire.end()
  },
)

const GOLDEN = new URL('../fixtures/protocol/golden/', import.meta.url).pathname

/** Whole messages to damage: every golden one, and our own, which reach further because they name what exists. */
function originals(gate: RogueGate): { name: UpName; bytes: Uint8Array }[] {
  const golden = readdirSync(GOLDEN).map((file) => {
    const named = UP_NAMES.find((name) => file.startsWith(name))
    return { name: named ?? 'journal', bytes: new Uint8Array(readFileSync(join(GOLDEN, file))) }
  })
  const small = (name: UpName, value: unknown) => ({ name, bytes: Buffer.from(JSON.stringify(value)) })
  return [
    ...golden,
    small('hello', hello({ feeds: [{ ...position, event: event() }] })),
    small('sync', sync()),
    small('status', status()),
    { name: 'journal', bytes: journalBytes(gate) },
    { name: 'journal', bytes: bytesOf(beginJournal(gate).next(fiveEntries(), true)) },
  ]
}

const fiveEntries = () => venue.venue.people.slice(0, 5).map(({ id }) => admitted(event(), id))

test(`${MUTANTS} damaged messages over one connection: all are taken, nothing falls over`, async () => {
  const seed = 20_261_120
  const dice = seededRandom(seed)
  const gate = await connectGate(bad)
  const before = await countersOf(venue.cloud.http)
  const whole = originals(gate)
  const acknowledged = () => gate.wire.received.reduce((sum, { cmd }) => sum + (cmd === 'puback' ? 1 : 0), 0)
  for (let sent = 0; sent < MUTANTS; sent += 1) {
    const { name, bytes } = dice.pick(whole)
    gate.say(name, mutate(bytes, dice.pick(whole).bytes, dice).subarray(0, LIMITS.messageBytes))
    while (sent - acknowledged() > IN_FLIGHT && !gate.wire.isClosed) await systemClock.sleep(2)
  }
  await eventually(`all acknowledged (seed ${seed})`, 20_000, () => acknowledged() === MUTANTS)
  expect(gate.wire.isClosed).toBe(false)
  const after = await countersOf(venue.cloud.http)
  expect(risen(before, after, UNREADABLE) + risen(before, after, ALERTS)).toBeGreaterThan(MUTANTS / 4)
  const since = gate.acks().length
  const journal = beginJournal(gate)
  await gate.saySurely('journal', bytesOf(journal.next(fiveEntries(), true)))
  expect((await gate.acked(journal.epoch, 5, since)).parked).toEqual([])
  gate.wire.end()
}, 60_000)

test('damaged packets on the wire end connections, and nothing else', async () => {
  const dice = seededRandom(7)
  for (let turn = 0; turn < 40; turn += 1) {
    const gate = await connectGate(bad)
    const packet = generate(publishPacket(own('status'), JSON.stringify(status())))
    const subscribe = generate({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: own('x'), qos: 1 }] })
    gate.wire.sendBytes(mutate(Buffer.concat([packet, subscribe]), packet, dice))
    await systemClock.sleep(10)
    gate.wire.end()
  }
  await expectUnharmed(venue)
})

test('after all that the cloud has grown little, logged no error of its own and the sums are right', async () => {
  await settled(venue)
  expect(memoryOf(venue.cloud.child.pid) - memoryBefore).toBeLessThan(ROSE_AT_MOST)
  const log = readFileSync(join(venue.layout.logs, 'cloud.log'), 'utf8').split('\n')
  // 50 and 60 are the levels of errors.
  expect(log.filter((line) => /"level":(50|60|"error"|"fatal")/.test(line))).toEqual([])
  const [records] = await venue.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM attendance.records WHERE outcome = 'admit' AND direction = 'entry'`,
  )
  const [sums] = await venue.query<{ n: number }>('SELECT sum(count)::int AS n FROM stats.by_gate')
  expect(sums?.n).toBe(records?.n)
})
