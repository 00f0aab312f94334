import { createVirtualClock } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { createTrustedClock } from './clock-trust.ts'

const trueTime = Date.UTC(2026, 10, 20, 1, 0, 0)

test('a gate that never heard from a cloud does not trust its clock', () => {
  expect(createTrustedClock(createVirtualClock(0)).state()).toEqual({ trust: 'unknown', offsetMs: 0, errorMs: 0 })
})

test('an ack sets the time, whatever the wall clock says, and says by how much', async () => {
  const clock = createVirtualClock(0)
  const trusted = createTrustedClock(clock)
  const sentAt = trusted.now()
  await clock.advance(100)
  trusted.acknowledged({ serverTime: trueTime, sentAt })
  expect(trusted.now()).toBe(trueTime + 50)
  expect(trusted.state()).toEqual({ trust: 'synced', offsetMs: trueTime + 50 - 100, errorMs: 50 })
})

test('a jump of the wall clock changes nothing once the time is known', async () => {
  const clock = createVirtualClock(trueTime)
  const trusted = createTrustedClock(clock)
  trusted.acknowledged({ serverTime: trueTime, sentAt: trusted.now() })
  clock.jump(3_600_000)
  await clock.advance(1_000)
  expect(trusted.now()).toBe(trueTime + 1_000)
  expect(trusted.state().offsetMs).toBe(-3_600_000)
})

test('trust fades: synced for ten minutes, then holdover while the error stays small, then unknown', async () => {
  const clock = createVirtualClock(trueTime)
  const trusted = createTrustedClock(clock)
  trusted.acknowledged({ serverTime: trueTime, sentAt: trusted.now() })
  await clock.advance(600_000)
  expect(trusted.state().trust).toBe('synced')
  await clock.advance(1)
  expect(trusted.state().trust).toBe('holdover')
  await clock.advance(20 * 3_600_000)
  expect(trusted.state().trust).toBe('unknown')
})

test('of two measurements the better one is kept, until it has grown worse than the next', async () => {
  const clock = createVirtualClock(trueTime)
  const trusted = createTrustedClock(clock)
  trusted.acknowledged({ serverTime: trueTime, sentAt: trusted.now() })
  const sentAt = trusted.now()
  await clock.advance(2_000)
  trusted.acknowledged({ serverTime: trueTime + 5_000, sentAt })
  expect(trusted.now()).toBe(trueTime + 2_000)
})

test('an answer that was too long on its way, or from before the message, says nothing', async () => {
  const clock = createVirtualClock(trueTime)
  const trusted = createTrustedClock(clock)
  const sentAt = trusted.now()
  await clock.advance(10_001)
  trusted.acknowledged({ serverTime: trueTime, sentAt })
  trusted.acknowledged({ serverTime: trueTime, sentAt: trueTime + 99_999_999 })
  expect(trusted.state().trust).toBe('unknown')
})

test('after a restart the clock is in holdover when it goes on from where the journal ended', () => {
  const before = { at: trueTime }
  const trustAt = (wall: number) => createTrustedClock(createVirtualClock(wall), before).state().trust
  expect(trustAt(trueTime + 60_000)).toBe('holdover')
  expect(trustAt(trueTime - 1)).toBe('unknown')
  expect(trustAt(0)).toBe('unknown')
  expect(trustAt(trueTime + 8 * 24 * 3_600_000)).toBe('unknown')
})
