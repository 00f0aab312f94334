import { type Clock, silentLogger, systemClock } from '@gatehouse/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTestBroker, type TestBroker } from './broker-for-tests.ts'
import { createMqttLink, type Link } from './mqtt-link.ts'

let broker: TestBroker
let link: Link
let ending = new AbortController()
let ended: Promise<void> = Promise.resolve()
const happened: string[] = []
const waits: number[] = []

/** Real time, but nobody waits a second for the next try. */
const hasty: Clock = {
  ...systemClock,
  sleep(ms, signal) {
    waits.push(ms)
    return systemClock.sleep(Math.min(ms, 10), signal)
  },
}

beforeEach(async () => {
  broker = await startTestBroker()
  ending = new AbortController()
  happened.length = 0
  waits.length = 0
})
afterEach(async () => {
  ending.abort()
  await ended
  await broker.close()
})

function connect(url = broker.url): void {
  link = createMqttLink({
    url,
    gate: 'gate-1',
    subscriptions: ['down/#', 'events/e/roster'],
    will: () => ({ topic: 'up/status', payload: '{"state":"offline"}' }),
    onConnected: () => happened.push('up'),
    onDisconnected: () => happened.push('away'),
    onMessage: (topic, payload) => happened.push(`${topic} ${Buffer.from(payload).toString()}`),
    clock: hasty,
    random: () => 0.5,
    logger: silentLogger,
  })
  ended = link.run(ending.signal)
}

const up = () => vi.waitFor(() => expect(happened).toContain('up'))
const sent = (cmd: string) => broker.packets.filter((packet) => packet.cmd === cmd)

test('it says who it is, leaves its last will, and is up only when its subscriptions are granted', async () => {
  connect()
  expect(link.state().state).toBe('never')
  await up()
  expect(sent('connect')[0]).toMatchObject({
    clientId: 'gate-1',
    username: 'gate-1',
    clean: true,
    keepalive: 15,
    protocolVersion: 4,
  })
  expect(sent('connect')[0]).toMatchObject({ will: { topic: 'up/status', qos: 1, retain: true } })
  expect(sent('subscribe')[0]).toMatchObject({
    subscriptions: [
      { topic: 'down/#', qos: 1 },
      { topic: 'events/e/roster', qos: 1 },
    ],
  })
  expect(link.state().state).toBe('up')
})

test('messages go up with QoS 1 and come down as bytes', async () => {
  connect()
  await up()
  expect(link.publish('up/status', '{"a":1}', { retain: true })).toBe(true)
  await vi.waitFor(() => expect(sent('publish')).toHaveLength(1))
  expect(sent('publish')[0]).toMatchObject({ topic: 'up/status', qos: 1, retain: true })
  broker.publish('down/ack', '{"v":1}')
  await vi.waitFor(() => expect(happened).toContain('down/ack {"v":1}'))
})

test('a lost connection is told once and made again by itself', async () => {
  connect()
  await up()
  broker.hangUp()
  await vi.waitFor(() => expect(happened).toEqual(['up', 'away', 'up']))
  expect(link.counts().connects).toBe(2)
})

test('without a connection nothing is taken and nothing is kept', async () => {
  connect()
  expect(link.publish('up/journal', 'x')).toBe(false)
  await up()
  expect(sent('publish')).toHaveLength(0)
})

test('what may be under way is bounded; more is refused until the broker has taken some', async () => {
  broker.acknowledges = false
  connect()
  await up()
  const taken = Array.from({ length: 100 }, () => link.publish('up/journal', 'x'))
  expect(taken.filter(Boolean)).toHaveLength(64)
  broker.hangUp()
  await vi.waitFor(() => expect(happened).toEqual(['up', 'away', 'up']))
  expect(link.publish('up/journal', 'x')).toBe(true)
})

test.each([
  ['that refuses the gate', (it: TestBroker) => void (it.connack = 5)],
  ['that refuses a subscription', (it: TestBroker) => void (it.grant = 128)],
])('a broker %s is tried again after ever longer waits', async (_what, refuse) => {
  refuse(broker)
  connect()
  await vi.waitFor(() => expect(link.counts().refused).toBeGreaterThan(3))
  expect(happened).toEqual([])
  expect(waits.slice(0, 4)).toEqual([1_000, 1_500, 2_500, 4_500])
})

test('ending says goodbye, so that the last will is not spoken', async () => {
  connect()
  await up()
  ending.abort()
  await ended
  expect(sent('disconnect')).toHaveLength(1)
})
