import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyHex, vectors } from '../test-fixtures.ts'
import { hmacSha256 } from './crypto.ts'
import {
  createRollingIndex,
  encodeAltBeacon,
  encodeEddystoneUid,
  encodeIBeacon,
  encodeRollingBadge,
  fromHex,
  parseAdvertisement,
  rollingId,
  rollingStep,
  toHex,
} from './index.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex)
const uint16 = fc.integer({ min: 0, max: 0xffff })
const power = fc.integer({ min: -128, max: 86 })
const badgeKey = fromHex(keyHex('badgeKeyHex'))

test('every badge of the four formats is read back as it was written', () => {
  fc.assert(
    fc.property(fc.uuid(), uint16, uint16, power, (uuid, major, minor, measuredPower) => {
      const canonical = `ib:${uuid}:${major}:${minor}`
      expect(parseAdvertisement(encodeIBeacon(uuid, major, minor, measuredPower))).toEqual({
        format: 'ibeacon',
        canonical,
        measuredPower,
      })
    }),
  )
  fc.assert(
    fc.property(
      bytes(10),
      bytes(6),
      bytes(20),
      bytes(8),
      power,
      uint16,
      (namespace, instance, id, rolling, measuredPower, company) => {
        expect(parseAdvertisement(encodeEddystoneUid(namespace, instance, measuredPower))).toEqual({
          format: 'eddystone-uid',
          canonical: `eu:${namespace}:${instance}`,
          measuredPower,
        })
        const altbeacon = { format: 'altbeacon', canonical: `ab:${id}`, measuredPower }
        expect(parseAdvertisement(encodeAltBeacon(id, measuredPower, company))).toEqual(altbeacon)
        expect(parseAdvertisement(encodeRollingBadge(rolling))).toEqual({ format: 'rolling', rollingId: rolling })
      },
    ),
  )
})

test('an Eddystone badge without the two reserved bytes is read as well', () => {
  const ad = fromHex('020106' + '1516aafe00ee' + '00112233445566778899' + 'aabbccddeeff')
  const canonical = 'eu:00112233445566778899:aabbccddeeff'
  expect(parseAdvertisement(ad)).toEqual({ format: 'eddystone-uid', canonical, measuredPower: -18 - 41 })
})

test('a badge is found behind other structures, and not behind a length that lies', () => {
  const beacon = encodeIBeacon(vectors.event, 7, 42, -59)
  expect(parseAdvertisement(Uint8Array.from([3, 0x09, 65, 66, ...beacon]))).toMatchObject({ format: 'ibeacon' })
  expect(parseAdvertisement(Uint8Array.from([200, 0x09, 65, 66, ...beacon]))).toBeUndefined()
  expect(parseAdvertisement(Uint8Array.from([0, ...beacon]))).toBeUndefined()
  expect(parseAdvertisement(beacon.subarray(0, -1))).toBeUndefined()
  expect(parseAdvertisement(beacon.with(3, 60))).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['one byte', 'ff'],
  ['an iBeacon of another company', '1aff4d000215' + '00'.repeat(21)],
  ['an iBeacon one byte long', '1bff4c000215' + '00'.repeat(22)],
  ['Eddystone of another frame type', '1516aafe10ee' + '00'.repeat(16)],
  ['a rolling badge of another version', '0effffff474802' + '00'.repeat(8)],
])('%s is not a badge', (_name, hex) => expect(parseAdvertisement(fromHex(hex))).toBeUndefined())

test('an advertisement with any one byte changed is another badge or none, never an error', () => {
  const beacon = encodeIBeacon(vectors.event, 7, 42, -59)
  fc.assert(
    fc.property(fc.nat({ max: beacon.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
      const badge = parseAdvertisement(beacon.with(at, byte))
      if (badge) expect(['ibeacon', 'altbeacon', 'eddystone-uid', 'rolling']).toContain(badge.format)
    }),
  )
})

const noon = 1_763_632_800
function indexOf(count: number) {
  return createRollingIndex({ badgeKey, badges: Array.from({ length: count }, (_, n) => [n, `badge ${n}`] as const) })
}

test('a rolling id is known one step early and one step late, and not two', () => {
  const index = indexOf(20)
  const id = rollingId(badgeKey, 7, rollingStep(noon))
  const known = [-2, -1, 0, 1, 2].map((steps) => {
    index.advance(noon + steps * 512)
    return index.resolve(id)
  })
  expect(known).toEqual([undefined, 'badge 7', 'badge 7', 'badge 7', undefined])
})

test('the index never holds more than three ids per badge, however the clock moves', () => {
  const index = indexOf(5)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 33 }), { maxLength: 20 }), (times) => {
      for (const time of times) index.advance(time)
      expect(index.size).toBeLessThanOrEqual(15)
    }),
  )
})

test('the index can be filled in portions, the present step first', () => {
  const index = indexOf(10)
  expect(index.advance(noon, 10)).toBe(false)
  expect(index.size).toBe(10)
  expect(index.resolve(rollingId(badgeKey, 9, rollingStep(noon)))).toBe('badge 9')
  expect(index.advance(noon, 15)).toBe(false)
  expect(index.advance(noon, 15)).toBe(true)
  expect(index.advance(noon + 512, 0)).toBe(false)
  expect(index.resolve(rollingId(badgeKey, 9, rollingStep(noon) + 1))).toBe('badge 9')
})

test('owners are named in the same portions, not all at once', () => {
  let named = 0
  function* badges() {
    for (; named < 1_000; named += 1) yield [named, `badge ${named}`] as const
  }
  const index = createRollingIndex({ badgeKey, badges: badges() })
  index.advance(noon, 10)
  expect(named).toBeLessThan(20)
  expect(index.advance(noon)).toBe(true)
  expect(index.size).toBe(3_000)
})

test('our HMAC is the HMAC of the platform', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), fc.uint8Array({ maxLength: 200 }), (key, message) => {
      expect(toHex(hmacSha256(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'))
    }),
  )
})
