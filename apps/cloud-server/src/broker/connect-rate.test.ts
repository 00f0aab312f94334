import { createVirtualClock } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { createConnectRate } from './connect-rate.ts'

test('a venue may come back at once, and somebody who never stops is slowed to the rate', async () => {
  const clock = createVirtualClock(0)
  const rate = createConnectRate({ perSec: 2, burst: 5, clock })
  const tries = (count: number) => Array.from({ length: count }, () => rate.allows('10.0.0.1')).filter(Boolean).length
  expect(tries(20)).toBe(5)
  await clock.advance(1_000)
  expect(tries(20)).toBe(2)
  expect(rate.allows('10.0.0.2')).toBe(true)
})
