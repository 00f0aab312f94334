/**
 * Strangers at the broker's door: they speak no TLS, no MQTT, too much, too slowly, or under a name that is not theirs. Each is hung up
 * on within seconds and counted, costs hardly any memory, and no gate that is at work notices.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { issue, makeRoot } from '@gatehouse/cloud-server/gates/certificates.ts'
import { systemClock } from '@gatehouse/runtime'
import { seededRandom } from '@gatehouse/testkit'
import mqttPacket from 'mqtt-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestVenue, settled, type TestVenue } from '../system/open-venue.ts'
import { mutate } from './mutate.ts'
import { connectGate, type Handover, makeGate } from './rogue-gate.ts'
import { countersOf, expectCounted, expectUnharmed, memoryOf } from './watch.ts'
import { connectPacket, type Identity, openPlain, openTls, publishPacket, type Wire } from './wire.ts'

const HUNG_UP_WITHIN_MS = 6_000
const ROSE_AT_MOST = 64 * 1024 * 1024
const REFUSED = 'gatehouse_broker_refused_total'

let venue: TestVenue
let gate: Handover
let other: Handover
let memoryBefore: number

beforeAll(async () => {
  venue = await openTestVenue({ people: 60, seed: 22 })
  gate = await makeGate(venue, 'Ours')
  other = await makeGate(venue, 'Other')
  memoryBefore = memoryOf(venue.cloud.child.pid)
}, 120_000)
afterAll(() => venue?.close())

/** Opens, does it, and expects to be hung up on and counted under this reason. */
async function expectHungUp(reason: string, open: () => Promise<Wire>, act: (wire: Wire) => void): Promise<void> {
  const before = await countersOf(venue.cloud.http)
  const wire = await open()
  act(wire)
  expect(await wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  expect(wire.received.filter((packet) => packet.cmd === 'connack' && packet.returnCode === 0)).toEqual([])
  wire.end()
  await expectCounted(venue.cloud.http, before, 1, REFUSED, `"${reason}"`)
}

const withCertificate = () => openTls(gate.brokerUrl, gate)
const connectBytes = (clientId: string, username = clientId) => mqttPacket.generate(connectPacket(clientId, username))

test.each<[string, string, () => Uint8Array]>([
  ['garbage', 'not-connect', () => Buffer.concat([Buffer.from([0xf0]), randomBytes(4_000)])],
  ['zeros', 'not-connect', () => new Uint8Array(4_000)],
  ['an HTTP request', 'not-connect', () => Buffer.from('GET / HTTP/1.1\r\nHost: gatehouse\r\n\r\n')],
  ['a message before CONNECT', 'not-connect', () => mqttPacket.generate(publishPacket('gh/v1/x', 'x'))],
  ['a CONNECT that declares 256 MB', 'too-large', () => Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4])],
  ['a length that never ends', 'too-large', () => Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['a CONNECT of more than 8 KiB', 'too-large', () => connectBytes(gate.gate, 'x'.repeat(9_000))],
  [
    'megabytes before CONNECT',
    'too-large',
    () => Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), randomBytes(8 * 1024 * 1024)]),
  ],
])('whoever sends %s is hung up on as %s', async (_what, reason, bytes) => {
  await expectHungUp(reason, withCertificate, (wire) => wire.sendBytes(bytes()))
})

test.each<[string, string, () => Uint8Array]>([
  ['the name of another gate', 'GH-BROKER-002', () => connectBytes(other.gate)],
  ['the user name of another gate', 'GH-BROKER-001', () => connectBytes(gate.gate, other.gate)],
  ['its name in upper case', 'GH-BROKER-002', () => connectBytes(gate.gate.toUpperCase())],
  ['a name of SQL', 'GH-BROKER-002', () => connectBytes("' OR 1=1; --")],
])('a gate that comes under %s is refused as %s', async (_what, reason, bytes) => {
  await expectHungUp(reason, withCertificate, (wire) => wire.sendBytes(bytes()))
})

test.each<[string, () => Uint8Array]>([
  ['without a user name', () => mqttPacket.generate({ ...connectPacket(gate.gate), username: undefined } as never)],
  ['without a client id', () => mqttPacket.generate({ ...connectPacket(''), username: gate.gate })],
  ['with a client id of a thousand letters', () => connectBytes('x'.repeat(1_000))],
  ['speaking MQTT 9', () => replaced(connectBytes(gate.gate), 8, 9)],
  ['speaking another protocol', () => replaced(connectBytes(gate.gate), 4, 0x58)],
])('a gate that comes %s is not let in', async (_what, bytes) => {
  const wire = await withCertificate()
  wire.sendBytes(bytes())
  expect(await wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  expect(wire.received.filter((packet) => packet.cmd === 'connack' && packet.returnCode === 0)).toEqual([])
})

function replaced(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  return bytes.map((old, index) => (index === at ? byte : old))
}

/** A certificate in our gate's name from an authority that only its maker believes in. */
async function foreignIdentity(): Promise<Identity> {
  const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const [rootKey, key] = [keys(), keys()]
  const now = Date.now()
  const root = await makeRoot(rootKey, now)
  const { certificate } = await issue({ rootKey, root }, { commonName: gate.gate, key, days: 9, now, use: 'client' })
  return { certificate, privateKey: key.export({ type: 'pkcs8', format: 'pem' }) }
}

test('whoever has no certificate, or one of another authority, or speaks no TLS, does not get as far as MQTT', async () => {
  const foreign = await foreignIdentity()
  const say = (wire: Wire) => wire.sendBytes(connectBytes(gate.gate))
  await expectHungUp('tls', () => openTls(gate.brokerUrl), say)
  await expectHungUp('tls', () => openTls(gate.brokerUrl, foreign), say)
  await expectHungUp('tls', () => openPlain(gate.brokerUrl), say)
  await expectHungUp(
    'tls',
    () => openPlain(gate.brokerUrl),
    (wire) => wire.sendBytes(randomBytes(60_000)),
  )
})

test('whoever says nothing, or one byte at a time, is hung up on in seconds and not kept waiting for', async () => {
  const before = await countersOf(venue.cloud.http)
  const silent = [await openPlain(gate.brokerUrl), await withCertificate(), await withCertificate()] as const
  const slow = silent[2]
  const bytes = connectBytes(gate.gate)
  for (let at = 0; at < bytes.length && !slow.isClosed; at += 1) {
    slow.sendBytes(bytes.subarray(at, at + 1))
    await systemClock.sleep(300)
  }
  for (const wire of silent) {
    await wire.hungUp(HUNG_UP_WITHIN_MS)
    expect(wire.closedAfterMs).toBeLessThan(HUNG_UP_WITHIN_MS + 1_500)
    expect(wire.received).toEqual([])
  }
  await expectCounted(venue.cloud.http, before, 2, REFUSED, '"no-connect"')
  await expectCounted(venue.cloud.http, before, 1, REFUSED, '"tls"')
})

test('a certificate that was replaced, and a gate that was revoked, are refused and cut', async () => {
  const old = await makeGate(venue, 'Handed over twice')
  const working = await connectGate(old)
  const renewed = await venue.cloud.client.post<Handover>(`/gates/${old.gate}/handover`, {})
  expect(await working.wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  await expectHungUp(
    'GH-BROKER-004',
    () => openTls(old.brokerUrl, old),
    (wire) => wire.sendBytes(connectBytes(old.gate)),
  )
  const again = await connectGate(renewed)
  await venue.cloud.client.post(`/gates/${old.gate}/revoke`, {})
  expect(await again.wire.hungUp(HUNG_UP_WITHIN_MS)).toBe(true)
  await expectHungUp(
    'GH-BROKER-003',
    () => openTls(old.brokerUrl, renewed),
    (wire) => wire.sendBytes(connectBytes(old.gate)),
  )
})

test('damaged CONNECT packets let nobody in who should not be', async () => {
  const dice = seededRandom(4_711)
  const whole = connectBytes(gate.gate)
  const mutants = Array.from({ length: 40 }, () => mutate(whole, connectBytes(other.gate), dice))
  for (const mutant of mutants) {
    const wire = await withCertificate()
    wire.sendBytes(mutant)
    await systemClock.sleep(10)
    wire.end()
  }
  await expectUnharmed(venue)
  const rogues = await venue.query<{ id: string }>('SELECT id FROM gates.gates WHERE online AND id = $1', [other.gate])
  expect(rogues).toEqual([])
})

test('a flood of connections is cut off at the door, and gates at work do not notice', async () => {
  const before = await countersOf(venue.cloud.http)
  const flood = await Promise.all(Array.from({ length: 300 }, () => openPlain(gate.brokerUrl)))
  await expectCounted(venue.cloud.http, before, 100, REFUSED, '"too-many-connects"')
  await expectUnharmed(venue)
  for (const wire of flood) wire.end()
  await settled(venue)
  expect(memoryOf(venue.cloud.child.pid) - memoryBefore).toBeLessThan(ROSE_AT_MOST)
})
