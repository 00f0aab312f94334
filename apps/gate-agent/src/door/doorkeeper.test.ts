import { createFakeDoor, createFakeLight } from '@gatehouse/drivers'
import { silentLogger } from '@gatehouse/runtime'
import { createVirtualClock } from '@gatehouse/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDoorkeeper } from './doorkeeper.ts'
import { createLamp } from './lamp.ts'

let clock = createVirtualClock(0)
let driver = createFakeDoor()
let ending = new AbortController()
let ended: Promise<void> = Promise.resolve()
const journal: string[] = []
const passed: number[] = []

function open() {
  const keeper = createDoorkeeper({
    driver,
    releaseMs: 3_000,
    journal: (state) => void journal.push(state),
    passed: (of) => void passed.push(of),
    clock,
    logger: silentLogger,
  })
  ended = keeper.run(ending.signal)
  return keeper
}

beforeEach(() => {
  clock = createVirtualClock(0)
  driver = createFakeDoor()
  ending = new AbortController()
  journal.length = 0
  passed.length = 0
})
afterEach(async () => {
  ending.abort()
  await clock.advance(0)
  await ended
})

test('the pulse begins in the same turn as the release is asked for', () => {
  open().release(1)
  expect(driver.energised).toBe(true)
})

test('a pulse ends by itself, and both ends are journalled', async () => {
  open().release(1)
  await clock.advance(2_999)
  expect(driver.energised).toBe(true)
  await clock.advance(1)
  expect(driver.energised).toBe(false)
  expect(journal).toEqual(['released', 'locked'])
})

test('a second release within a pulse is counted and does not move the door again', async () => {
  const keeper = open()
  keeper.release(1)
  keeper.release(2)
  await clock.advance(10)
  expect(driver.changes).toEqual(['energised'])
  expect(keeper.counts()).toEqual({ released: 1, refused: 1, faults: 0 })
})

test('somebody who passes is noted for the decision that let them in, and the door locks behind them', async () => {
  open().release(41)
  await clock.advance(100)
  driver.setContact('open')
  driver.setContact('closed')
  await clock.advance(10)
  expect(passed).toEqual([41])
  expect(driver.energised).toBe(false)
})

test('a door opened without a release is journalled as forced', async () => {
  open()
  driver.setContact('open')
  await clock.advance(10)
  expect(journal).toEqual(['forced'])
})

test('a device that fails never makes the journal say "released", and is tried again until it answers', async () => {
  const keeper = open()
  driver.fail(true)
  keeper.release(1)
  await clock.advance(10)
  expect(journal).toEqual(['fault'])
  expect(keeper.state()).toBe('fault')
  driver.fail(false)
  await clock.advance(5_100)
  expect(keeper.state()).toBe('locked')
  keeper.release(2)
  await clock.advance(10)
  expect(driver.energised).toBe(true)
})

test('ending locks the door', async () => {
  const keeper = open()
  keeper.release(1)
  await keeper.stop()
  expect(driver.energised).toBe(false)
})

test('the light shows an answer for its time, and a newer answer takes its place', async () => {
  const light = createFakeLight()
  const lamp = createLamp({ driver: light, clock, logger: silentLogger })
  lamp.show({ colours: ['green'], mode: 'steady', forMs: 1_000 })
  await clock.advance(500)
  lamp.show({ colours: ['red'], mode: 'steady', forMs: 2_000 })
  await clock.advance(1_500)
  expect(light.changes.at(-1)).toBe('red')
  await clock.advance(600)
  expect(light.changes).toEqual(['green', 'red', 'off'])
})
