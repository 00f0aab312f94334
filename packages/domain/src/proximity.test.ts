// From radio noise to "this badge is at the gate": once, when truly near, and within bounded memory.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CredentialKey, Proximity } from './index.ts'
import { coolDown, createProximity, evaluateTick, hear, proximityDefaults } from './index.ts'
import { percentile75 } from './proximity.ts'

const kim = 'kim' as CredentialKey
const near = -50
const far = -80
const between = -66

/** Advertises ten times a second and evaluates twice a second; gives the seconds at which badges came near and left. */
function walk(state: Proximity, fromSec: number, toSec: number, rssi: (sec: number) => number | undefined, key = kim) {
  const log: string[] = []
  for (let tenth = fromSec * 10; tenth < toSec * 10; tenth += 1) {
    const now = tenth * 100
    const strength = rssi(tenth / 10)
    if (strength !== undefined) hear(state, { key, rssi: strength }, now)
    if (tenth % 5 !== 0) continue
    const { near: arrived, left } = evaluateTick(state, now)
    log.push(...arrived.map(() => `near ${now / 1000}`), ...left.map(() => `left ${now / 1000}`))
  }
  return log
}

describe('coming near', () => {
  test('a badge at the gate is near at the second strong evaluation, once, however often it is heard', () => {
    expect(walk(createProximity(), 0, 60, () => near)).toEqual(['near 1'])
  })

  test('a badge that stands far off never is', () => {
    expect(walk(createProximity(), 0, 60, () => far)).toEqual([])
  })

  test('one strong evaluation is not enough', () => {
    const state = createProximity()
    for (const now of [0, 100, 200]) hear(state, { key: kim, rssi: near }, now)
    expect(evaluateTick(state, 500).near).toEqual([])
    for (const now of [2600, 2700, 2800]) hear(state, { key: kim, rssi: far }, now)
    expect(evaluateTick(state, 3000).near).toEqual([])
    for (const now of [5000, 5100, 5200]) hear(state, { key: kim, rssi: near }, now)
    expect(evaluateTick(state, 5500).near).toEqual([])
    expect(evaluateTick(state, 6000).near).toEqual([{ key: kim, rssi: near }])
  })

  test('two samples are not enough, however strong', () => {
    const state = createProximity()
    for (const now of [0, 400]) hear(state, { key: kim, rssi: -30 }, now)
    expect([evaluateTick(state, 500), evaluateTick(state, 1000)].flatMap((each) => each.near)).toEqual([])
  })

  test('samples older than two seconds count no more', () => {
    const state = createProximity()
    for (const now of [0, 100, 200]) hear(state, { key: kim, rssi: near }, now)
    expect([evaluateTick(state, 2101), evaluateTick(state, 2201)].flatMap((each) => each.near)).toEqual([])
  })

  test('now and then a strong reflection does not make a far badge near', () => {
    expect(walk(createProximity(), 0, 60, (sec) => (Math.round(sec * 10) % 6 === 3 ? near : far))).toEqual([])
  })

  test('half of the samples lost in bodies do not make a near badge far', () => {
    expect(walk(createProximity(), 0, 60, (sec) => (Math.round(sec * 10) % 2 === 0 ? near : far))).toEqual(['near 1'])
  })

  test('the threshold is the gate’s', () => {
    expect(walk(createProximity({ thresholdDb: -85 }), 0, 9, () => far)).toEqual(['near 1'])
  })

  test('a strength the radio could not measure is no sample', () => {
    expect(walk(createProximity(), 0, 9, () => 127)).toEqual([])
    expect(walk(createProximity(), 0, 9, () => Number.NaN)).toEqual([])
  })
})

describe('leaving', () => {
  test('between the two thresholds nothing changes', () => {
    expect(walk(createProximity(), 0, 60, (sec) => (sec < 5 ? near : between))).toEqual(['near 1'])
  })

  test('weak for three seconds is gone', () => {
    const log = walk(createProximity(), 0, 20, (sec) => (sec < 5 ? near : far))
    expect(log).toEqual(['near 1', 'left 9.5'])
  })

  test('exactly at a threshold is near, and exactly at the lower one is not yet weak', () => {
    const { thresholdDb, hysteresisDb } = proximityDefaults
    expect(walk(createProximity(), 0, 20, (sec) => (sec < 5 ? thresholdDb : thresholdDb - hysteresisDb))).toEqual([
      'near 1',
    ])
    expect(walk(createProximity(), 0, 20, (sec) => (sec < 5 ? thresholdDb : thresholdDb - hysteresisDb - 1))).toEqual([
      'near 1',
      'left 9.5',
    ])
    expect(walk(createProximity(), 0, 20, () => thresholdDb - 1)).toEqual([])
  })

  test('weak for a moment is not', () => {
    expect(walk(createProximity(), 0, 20, (sec) => (sec >= 5 && sec < 8 ? far : near))).toEqual(['near 1'])
  })

  test('silent for five seconds is gone', () => {
    expect(walk(createProximity(), 0, 20, (sec) => (sec < 5 ? near : undefined))).toEqual(['near 1', 'left 10'])
  })

  test('who leaves and comes again is near again', () => {
    expect(walk(createProximity(), 0, 40, (sec) => (sec < 5 || sec >= 20 ? near : undefined))).toEqual([
      'near 1',
      'left 10',
      'near 21',
    ])
  })
})

describe('cooling down', () => {
  test('after an admit a badge makes no reading for five minutes, then it does when it comes anew', () => {
    const state = createProximity()
    expect(walk(state, 0, 2, () => near)).toEqual(['near 1'])
    coolDown(state, kim, 2000)
    expect(walk(state, 2, 20, () => undefined)).toEqual(['left 7'])
    expect(walk(state, 20, 40, () => near)).toEqual([])
    expect(walk(state, 40, 302, () => undefined)).toEqual(['left 45'])
    expect(walk(state, 302, 310, () => near)).toEqual(['near 303'])
  })

  test('being pushed out of memory does not end it', () => {
    const state = createProximity({ badgesAtMost: 2 })
    coolDown(state, kim, 0)
    for (const key of ['a', 'b', 'c']) hear(state, { key: key as CredentialKey, rssi: far }, 0)
    expect(walk(state, 0, 9, () => near)).toEqual([])
  })
})

describe('memory', () => {
  test('five thousand badges are remembered, and the longest unheard goes first', () => {
    const state = createProximity()
    for (let index = 0; index < proximityDefaults.badgesAtMost; index += 1) {
      hear(state, { key: `k${index}` as CredentialKey, rssi: far }, index)
    }
    hear(state, { key: 'k0' as CredentialKey, rssi: far }, 5000)
    hear(state, { key: 'new' as CredentialKey, rssi: far }, 5001)
    expect(state.badges.size).toBe(5000)
    expect([state.badges.has('k0' as CredentialKey), state.badges.has('k1' as CredentialKey)]).toEqual([true, false])
  })

  test('a badge that shouts is remembered by a bounded number of samples', () => {
    const state = createProximity()
    for (let index = 0; index < 1000; index += 1) hear(state, { key: kim, rssi: near }, index)
    expect(state.badges.get(kim)?.samples.length).toBe(64)
  })

  test('who is silent is forgotten', () => {
    const state = createProximity()
    hear(state, { key: kim, rssi: far }, 0)
    evaluateTick(state, 5000)
    expect(state.badges.size).toBe(0)
    coolDown(state, kim, 0)
    evaluateTick(state, 300_000)
    expect(state.coolUntil.size).toBe(0)
  })

  test('however the air is, near and left alternate for each badge and memory stays within its bound', () => {
    const sighting = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      rssi: fc.integer({ min: -100, max: 127 }),
      afterMs: fc.nat(900),
    })
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 300 }), (air) => {
        const state = createProximity({ badgesAtMost: 3, coolDownMs: 0 })
        const isNear = new Map<string, boolean>()
        let now = 0
        for (const { key, rssi, afterMs } of air) {
          now += afterMs
          hear(state, { key: key as CredentialKey, rssi }, now)
          const evaluated = evaluateTick(state, now)
          for (const left of evaluated.left) isNear.set(left, false)
          for (const arrived of evaluated.near) {
            // One that was pushed out of memory while near may come near again.
            expect(isNear.get(arrived.key) === true && state.badges.size < 3).toBe(false)
            isNear.set(arrived.key, true)
          }
          expect(state.badges.size).toBeLessThanOrEqual(3)
        }
      }),
    )
  })
})

test('the 75th percentile is the nearest rank', () => {
  expect([[], [-70], [-70, -60], [-70, -60, -50], [-80, -70, -60, -50]].map(percentile75)).toEqual([
    undefined,
    -70,
    -60,
    -50,
    -60,
  ])
})
