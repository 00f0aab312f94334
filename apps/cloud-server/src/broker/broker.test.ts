// The doorkeeper with real sockets, TLS and certificates: who gets in, what they may say and hear, and what an ack means.
import { createPrivateKey } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import { downTopic, feedTopic, upTopic } from '@gatehouse/protocol'
import { createMetrics, silentLogger, systemClock } from '@gatehouse/runtime'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Authority, issue, makeRoot } from '../gates/certificates.ts'
import { newKey } from '../gates/key-files.ts'
import { createBroker } from './broker.ts'
import type { Broker, GateIdentity } from './ports.ts'

const org = '00000000-0000-7000-8000-000000000001' as OrgId
const event = '0e000000-0000-7000-8000-000000000001' as EventId
const north = '0a000000-0000-7000-8000-000000000001' as GateId
const south = '0a000000-0000-7000-8000-000000000002' as GateId

const now = Date.now()
const authority: Authority = await (async () => {
  const rootKey = createPrivateKey(newKey('p256'))
  return { rootKey, root: await makeRoot(rootKey, now) }
})()
const certificateFor = async (commonName: string, use: 'server' | 'client', by = authority) => {
  const key = newKey('p256')
  const issued = await issue(by, {
    commonName,
    key: createPrivateKey(key),
    days: 1,
    now,
    use,
    hosts: use === 'server' ? ['127.0.0.1'] : [],
  })
  return { ...issued, key }
}
const server = await certificateFor('broker', 'server')
const papers = { [north]: await certificateFor(north, 'client'), [south]: await certificateFor(south, 'client') }

let broker: Broker
let known: Map<GateId, GateIdentity>
let changed: { gate: GateId; identity: GateIdentity | undefined }[]
const clients: MqttClient[] = []
const journal = vi.fn<(from: GateIdentity, payload: Uint8Array) => Promise<void>>()
const message = vi.fn()
const presence = vi.fn()

beforeEach(async () => {
  known = new Map([north, south].map((gate) => [gate, { org, gate, event, certSerial: papers[gate]?.serial }]))
  changed = []
  journal.mockReset().mockResolvedValue()
  message.mockReset()
  presence.mockReset()
  broker = await createBroker({
    host: '127.0.0.1',
    port: 0,
    tls: { certificate: server.certificate, key: server.key, root: authority.root },
    directory: { find: async (gate) => known.get(gate), changed: async () => changed.splice(0) },
    handlers: { journal, message, presence },
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics(),
    connectsPerSec: 100,
    connectBurst: 100,
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await broker.stop()
})

function open(gate: GateId, options: IClientOptions = {}): MqttClient {
  const { certificate, key } = papers[gate] ?? server
  const client = mqtt.connect(`mqtts://127.0.0.1:${broker.port}`, {
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    clientId: gate,
    username: gate,
    ca: authority.root,
    cert: certificate,
    key,
    ...options,
  })
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

const settled = (client: MqttClient) =>
  new Promise<string>((resolve) => {
    client.once('connect', () => resolve('connected'))
    client.once('error', (error) => resolve(error.message))
    client.once('close', () => resolve('closed'))
  })
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))

async function connected(gate: GateId, options: IClientOptions = {}): Promise<MqttClient> {
  const client = open(gate, options)
  expect(await settled(client)).toBe('connected')
  return client
}

test('a gate with its own certificate gets in, says what it may and hears what is for it', async () => {
  const client = await connected(north)
  await client.subscribeAsync({
    [downTopic(org, north, '#' as never)]: { qos: 1 },
    [feedTopic(org, event, 'roster')]: { qos: 1 },
  })
  const heard: string[] = []
  client.on('message', (topic, payload) => heard.push(`${topic.split('/').at(-1)} ${payload.toString()}`))
  await client.publishAsync(upTopic(org, north, 'hello'), '{}', { qos: 1 })
  expect(message).toHaveBeenCalledWith(expect.objectContaining({ gate: north, event }), 'hello', Buffer.from('{}'))
  expect(presence).toHaveBeenCalledWith(expect.objectContaining({ gate: north }), true)
  expect(broker.send(north, 'ack', 'one')).toBe(true)
  expect(broker.send(south, 'ack', 'nobody')).toBe(false)
  expect(broker.broadcast(feedTopic(org, event, 'roster'), Buffer.from('two'))).toBe(1)
  expect(broker.broadcast(feedTopic(org, event, 'presence'), Buffer.from('three'))).toBe(0)
  await vi.waitFor(() => expect(heard).toEqual(['ack one', 'roster two']))
})

test('the PUBACK of a journal message waits for the commit', async () => {
  const commit = Promise.withResolvers<void>()
  journal.mockReturnValue(commit.promise)
  const client = await connected(north)
  let acknowledged = false
  const publishing = client.publishAsync(upTopic(org, north, 'journal'), 'lines', { qos: 1 }).then(() => {
    acknowledged = true
  })
  await vi.waitFor(() => expect(journal).toHaveBeenCalledOnce())
  expect(acknowledged).toBe(false)
  commit.resolve()
  await publishing
})

test('a journal message that ingest cannot take does not close the connection', async () => {
  journal.mockRejectedValue(new Error('database away'))
  const client = await connected(north)
  await client.publishAsync(upTopic(org, north, 'journal'), 'lines', { qos: 1 })
  expect(client.connected).toBe(true)
})

test.each([
  ['with the certificate of another gate', { clientId: south, username: south }],
  ['under another user name', { username: south }],
])('a gate that connects %s is refused', async (_, options) => {
  expect(await settled(open(north, options))).not.toBe('connected')
  expect(presence).not.toHaveBeenCalled()
})

test('a revoked gate, a replaced certificate and a foreign authority are refused', async () => {
  known.delete(south)
  expect(await settled(open(south))).not.toBe('connected')
  known.set(north, { org, gate: north, event, certSerial: 'FF' })
  expect(await settled(open(north))).not.toBe('connected')
  const rootKey = createPrivateKey(newKey('p256'))
  const stranger = await certificateFor(north, 'client', { rootKey, root: await makeRoot(rootKey, now) })
  expect(await settled(open(north, { cert: stranger.certificate, key: stranger.key }))).not.toBe('connected')
  expect(await settled(open(north, { cert: '', key: '' }))).not.toBe('connected')
})

test('the connection of a gate that is revoked is cut, the others stay', async () => {
  const [first, second] = [await connected(north), await connected(south)]
  const ending = new AbortController()
  changed.push({ gate: north, identity: undefined })
  const watching = broker.watchRevocations(ending.signal)
  await closed(first)
  expect(second.connected).toBe(true)
  ending.abort()
  await watching
  await vi.waitFor(() => expect(presence).toHaveBeenCalledWith(expect.objectContaining({ gate: north }), false))
})

test.each([
  ['the journal of another gate', upTopic(org, south, 'journal'), { qos: 1 }],
  ['a journal message at QoS 0', upTopic(org, north, 'journal'), { qos: 0 }],
  ['a retained hello', upTopic(org, north, 'hello'), { qos: 1, retain: true }],
  ['its own downlink', downTopic(org, north, 'ack'), { qos: 1 }],
  ['a feed', feedTopic(org, event, 'roster'), { qos: 1 }],
  ['$SYS', '$SYS/x', { qos: 1 }],
  ['a status at QoS 2', upTopic(org, north, 'status'), { qos: 2 }],
] as const)('a gate that publishes %s is cut', async (_, topic, options) => {
  const client = await connected(north)
  const gone = closed(client)
  client.publish(topic, '{}', options)
  await gone
  expect(journal).not.toHaveBeenCalled()
  expect(message).not.toHaveBeenCalled()
})

test.each([
  ['#'],
  ['$SYS/#'],
  [`$share/all/${downTopic(org, north, 'ack')}`],
  [downTopic(org, south, '#' as never)],
  [`gh/v1/${org}/gates/+/down/ack`],
  [feedTopic(org, '0e000000-0000-7000-8000-000000000009', 'roster')],
])('a subscription to %s is not granted', async (filter) => {
  const client = await connected(north)
  await expect(client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow()
})

test('the last will of a gate that vanishes is handed over as its status', async () => {
  const client = await connected(north, {
    will: { topic: upTopic(org, north, 'status'), payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
  })
  client.stream.destroy()
  await vi.waitFor(() =>
    expect(message).toHaveBeenCalledWith(expect.anything(), 'status', Buffer.from('{"state":"offline"}')),
  )
})

test('a newer connection of the same gate takes over from the older one', async () => {
  const first = await connected(north)
  const gone = closed(first)
  const second = await connected(north)
  await gone
  expect(second.connected).toBe(true)
  expect(broker.connections).toBe(1)
})

test('what is sent arrives whole and in order, whatever its length', async () => {
  const client = await connected(north)
  await client.subscribeAsync({
    [downTopic(org, north, '#' as never)]: { qos: 1 },
    [feedTopic(org, event, 'presence')]: { qos: 1 },
  })
  const heard: string[] = []
  client.on('message', (_topic, payload, packet) => heard.push(`${packet.messageId} ${payload.toString()}`))
  const texts = [0, 1, 30, 200, 16_200, 20_000, 250_000].map((length) => 'ü'.repeat(length))
  for (const text of texts) {
    expect(broker.send(north, 'ack', text)).toBe(true)
    expect(broker.broadcast(feedTopic(org, event, 'presence'), Buffer.from(text))).toBe(1)
  }
  await vi.waitFor(() => expect(heard).toHaveLength(texts.length * 2))
  expect(heard).toEqual(texts.flatMap((text, n) => [`${2 * n + 1} ${text}`, `${2 * n + 2} ${text}`]))
})

test('a broker that drains takes nobody new, and those who are connected go on', async () => {
  const first = await connected(north)
  expect(broker.isListening).toBe(true)
  await broker.drain()
  expect(broker.isListening).toBe(false)
  expect(await settled(open(south))).not.toBe('connected')
  await first.publishAsync(upTopic(org, north, 'hello'), '{}', { qos: 1 })
  expect(message).toHaveBeenCalledOnce()
})

test('whoever speaks no TLS is let go', async () => {
  const socket: Socket = connectTcp(broker.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
})
