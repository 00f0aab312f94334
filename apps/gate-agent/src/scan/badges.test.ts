import type { CredentialKey } from '@gatehouse/domain'
import { encodeIBeacon, encodeRollingBadge, pseudonym, rollingId, rollingStep } from '@gatehouse/protocol'
import { createVirtualClock, someInstant } from '@gatehouse/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBadgeWatch } from './badges.ts'

const pepper = Buffer.from('bb'.repeat(32), 'hex')
const badgeKey = Buffer.from('cc'.repeat(32), 'hex')
const uuid = '01020304-0506-0708-090a-0b0c0d0e0f10'
const beacon = encodeIBeacon(uuid, 1, 2, -59)
const beaconKey = pseudonym(pepper, 'badge', `ib:${uuid}:1:2`)

function watch(known: readonly CredentialKey[] = [beaconKey]) {
  const clock = createVirtualClock(someInstant)
  const near: CredentialKey[] = []
  const badges = createBadgeWatch({
    pepper,
    badgeKey,
    proximity: { thresholdDb: -65 },
    rollingBadges: () => ({ first: 1, last: 50 }),
    isKnown: (key) => known.includes(key),
    onNear: (key) => void near.push(key),
    clock,
  })
  /** Somebody stands in the lane for so long, ten advertisements a second. */
  async function stand(ad: Uint8Array, forMs: number, rssi = -50): Promise<void> {
    for (let ms = 0; ms < forMs; ms += 100) {
      badges.learn()
      if (ms % 500 === 0) badges.tick()
      badges.hear({ at: clock.now(), addr: 'aa:bb:cc:dd:ee:ff', rssi, ad })
      await clock.advance(100)
    }
  }
  return { badges, near, clock, stand }
}

test('a badge that stands in the lane is one reading', async () => {
  const { near, stand } = watch()
  await stand(beacon, 5_000)
  expect(near).toEqual([beaconKey])
})

test('a badge that passes at a distance is none', async () => {
  const { near, stand } = watch()
  await stand(beacon, 5_000, -80)
  expect(near).toEqual([])
})

test('a beacon that nobody in the roster holds is counted and ignored', async () => {
  const { badges, near, stand } = watch([])
  await stand(beacon, 3_000)
  expect(near).toEqual([])
  expect(badges.counts().foreign).toBeGreaterThan(0)
})

test('a rolling badge is recognised by its number, in this step and in the one before', async () => {
  const { near, stand, badges } = watch([])
  badges.learn()
  const step = rollingStep(someInstant / 1000)
  await stand(encodeRollingBadge(rollingId(badgeKey, 7, step)), 3_000)
  await stand(encodeRollingBadge(rollingId(badgeKey, 8, step - 1)), 3_000)
  await stand(encodeRollingBadge(rollingId(badgeKey, 9, step - 2)), 3_000)
  expect(near).toEqual([7, 8].map((number) => pseudonym(pepper, 'badge', `rb:${number}`)))
})

test('after an admission a badge must go away and come again, and not within five minutes', async () => {
  const { badges, near, clock, stand } = watch()
  await stand(beacon, 3_000)
  badges.admitted(beaconKey)
  await clock.advance(60_000)
  badges.learn()
  badges.tick()
  await stand(beacon, 3_000)
  expect(near).toHaveLength(1)
  await clock.advance(300_000)
  badges.learn()
  badges.tick()
  await stand(beacon, 3_000)
  expect(near).toHaveLength(2)
})

test('whatever a radio delivers, nothing is thrown and nothing becomes a reading', () => {
  const { badges, near } = watch([])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 62 }), fc.integer({ min: -127, max: 20 }), (ad, rssi) => {
      badges.hear({ at: 0, addr: 'aa:bb:cc:dd:ee:ff', rssi, ad })
    }),
    { numRuns: 2_000 },
  )
  badges.learn()
  badges.tick()
  expect(near).toEqual([])
})
