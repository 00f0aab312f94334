import { privateKeyFromSeed, publicKeyFromRaw, rawPublicKey, signDownlink } from '@gatehouse/protocol'
import { silentLogger } from '@gatehouse/runtime'
import fc from 'fast-check'
import { beforeEach, expect, test, vi } from 'vitest'
import { createRemote, type Remote } from './remote.ts'

const key = privateKeyFromSeed('11'.repeat(32))
const stranger = privateKeyFromSeed('22'.repeat(32))
const topic = 'gh/v1/o/gates/g/down/command'
const refused = vi.fn()
const publish = vi.fn()
const resync = vi.fn()
let remote: Remote

beforeEach(() => {
  for (const spy of [refused, publish, resync]) spy.mockReset()
  const downlinkKey = publicKeyFromRaw(rawPublicKey(key))
  const handover = { downlinkKey }
  remote = createRemote({
    handover,
    config: { 'door.releaseMs': 1 },
    now: () => 1_000,
    resync,
    publish,
    refused,
    logger: silentLogger,
  })
})

const idOf = (n: number) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`

function command(given: object = {}, by = key, on = topic): Buffer {
  const message = { v: 1, id: idOf(1), name: 'resync', args: {}, expiresAt: 2_000, ...given }
  return Buffer.from(JSON.stringify({ ...message, sig: signDownlink(by, on, message) }))
}

test('a signed command is executed once and answered once', () => {
  remote.received('command', topic, command())
  remote.received('command', topic, command())
  expect(resync).toHaveBeenCalledTimes(1)
  expect(publish).toHaveBeenCalledExactlyOnceWith(
    'result',
    expect.objectContaining({ id: idOf(1), ok: true, at: 1_000 }),
  )
})

test.each([
  ['signed by a stranger', command({}, stranger), 'unsigned-command'],
  ['signed for another gate', command({}, key, 'gh/v1/o/gates/h/down/command'), 'unsigned-command'],
  ['changed after it was signed', Buffer.from(command().toString().replace('resync', 'open')), 'unsigned-command'],
  ['too old', command({ expiresAt: 999 }), 'old-command'],
  ['not a command', Buffer.from('{"v":1}'), 'unreadable-command'],
])('a command that is %s does nothing and is counted', (_what, payload, reason) => {
  remote.received('command', topic, payload)
  expect(refused).toHaveBeenCalledExactlyOnceWith(reason)
  expect(resync).not.toHaveBeenCalled()
  expect(publish).not.toHaveBeenCalled()
})

test('a command that this release does not know is answered honestly', () => {
  remote.received('command', topic, command({ name: 'open' }))
  expect(publish).toHaveBeenCalledExactlyOnceWith('result', expect.objectContaining({ ok: false }))
})

test('at each connection the gate reports the configuration it runs', () => {
  remote.connected()
  expect(publish).toHaveBeenCalledExactlyOnceWith(
    'reported',
    expect.objectContaining({ revision: 0, config: { 'door.releaseMs': 1 } }),
  )
})

test('no bytes on these topics make it throw or act', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (payload) => {
        remote.received('command', topic, payload)
        remote.received('desired', topic, payload)
      },
    ),
  )
  expect(publish).not.toHaveBeenCalled()
})
