import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createPacketGuard } from './packet-guard.ts'

const limits = { connectBytes: 8_192, packetBytes: 262_144 }
const connect = generate({
  cmd: 'connect',
  clientId: 'gate',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 15,
} as never)
const publish = (size: number) =>
  generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(size),
    qos: 1,
    messageId: 1,
    retain: false,
    dup: false,
  } as never)

test('an ordinary conversation passes, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 50_000 }),
      (sizes, cut) => {
        const bytes = Buffer.concat([connect, ...sizes.map(publish)])
        const guard = createPacketGuard(limits)
        for (let at = 0; at < bytes.length; at += cut) expect(guard.look(bytes.subarray(at, at + cut))).toBe('ok')
      },
    ),
    { numRuns: 50 },
  )
})

test('a first packet that declares 256 MB is stopped at its header', () => {
  expect(createPacketGuard(limits).look(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))).toBe('too-large')
})

test('after CONNECT larger packets pass up to the limit and not beyond', () => {
  const guard = createPacketGuard(limits)
  expect(guard.look(connect)).toBe('ok')
  expect(guard.look(publish(200_000))).toBe('ok')
  expect(guard.look(publish(300_000))).toBe('too-large')
})

test.each([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'not-connect'],
  ['a publish first', publish(3), 'not-connect'],
  ['a length that never ends', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80]), 'bad-length'],
])('%s is refused', (_, bytes, verdict) => {
  expect(createPacketGuard(limits).look(bytes)).toBe(verdict)
})

test('no bytes whatsoever make it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const guard = createPacketGuard(limits)
      for (const chunk of chunks) expect(['ok', 'too-large', 'not-connect', 'bad-length']).toContain(guard.look(chunk))
    }),
  )
})
