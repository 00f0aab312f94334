import { expect, test } from 'vitest'
import { createBackoff } from './backoff.ts'

const settings = { firstMs: 100, maxMs: 10_000 }

test('waits grow to the bound and never pass it', () => {
  const backoff = createBackoff({ ...settings, random: () => 1 })
  const waits = Array.from({ length: 12 }, () => backoff.nextMs())
  expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800])
  expect(waits.at(-1)).toBe(10_000)
})

test('after a success the first retry is as quick as at the start', () => {
  const backoff = createBackoff({ ...settings, random: () => 1 })
  for (let n = 0; n < 10; n += 1) backoff.nextMs()
  backoff.reset()
  expect(backoff.nextMs()).toBe(100)
})

test('two daemons that failed together do not come back together', () => {
  const one = createBackoff({ ...settings, random: () => 0.1 })
  const other = createBackoff({ ...settings, random: () => 0.9 })
  one.nextMs()
  other.nextMs()
  expect(one.nextMs()).not.toBe(other.nextMs())
})
