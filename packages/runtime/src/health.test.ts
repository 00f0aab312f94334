import { createVirtualClock } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { createHealth } from './health.ts'

test('a loop that stops turning is named, with since when', async () => {
  const clock = createVirtualClock(1_000_000)
  const health = createHealth(clock)
  const beat = health.beat('lane', 1_000)
  await clock.advance(900)
  beat()
  await clock.advance(900)
  expect(health.report().ok).toBe(true)
  await clock.advance(200)
  expect(health.report()).toMatchObject({ ok: false, checks: [{ name: 'lane', ok: false, sinceMs: 1_002_000 }] })
})

test('a check that is well again says so', () => {
  const health = createHealth(createVirtualClock(0))
  let well = false
  health.check('disk', () => (well ? { ok: true } : { ok: false, detail: 'full' }))
  expect(health.report()).toMatchObject({ ok: false, checks: [{ detail: 'full' }] })
  well = true
  expect(health.report().ok).toBe(true)
})
