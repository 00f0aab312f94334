// Rates, load and waiting time from counters.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadOf, MINUTE_MS, percent, perMinute, trendOf, waitSecOf } from './numbers.ts'

const noon = Date.UTC(2026, 10, 20, 12)
const minute = (ago: number, entries: number) => ({ at: noon - ago * MINUTE_MS, entries, exits: 0 })

test('the rate counts the running minute for as long as it has lasted', () => {
  const minutes = [minute(4, 10), minute(3, 10), minute(2, 10), minute(1, 10), minute(0, 5)]
  expect(perMinute(minutes, noon + MINUTE_MS / 2)).toBe(10)
  expect(perMinute([minute(9, 100)], noon)).toBe(0)
})

test('the trend compares five full minutes with the five before and ignores a wobble', () => {
  const run = (early: number, late: number) => [
    ...[6, 7, 8, 9, 10].map((ago) => minute(ago, early)),
    ...[1, 2, 3, 4, 5].map((ago) => minute(ago, late)),
  ]
  expect(trendOf(run(10, 20), noon)).toBe('rising')
  expect(trendOf(run(20, 10), noon)).toBe('falling')
  expect(trendOf(run(10, 11), noon)).toBe('steady')
  expect(trendOf(run(0, 1), noon)).toBe('steady')
})

test('[R-B2] load is records of five minutes by what the gate could take', () => {
  expect(loadOf(120, 30)).toBe(0.8)
  expect(loadOf(0, 30)).toBe(0)
  expect(loadOf(10, 0)).toBe(0)
})

test('the wait rises with the load, is never negative and never absurd', () => {
  const load = fc.double({ min: 0, max: 10, noNaN: true })
  fc.assert(
    fc.property(load, load, fc.integer({ min: 1, max: 200 }), (one, other, capacity) => {
      const [less, more] = [waitSecOf(Math.min(one, other), capacity), waitSecOf(Math.max(one, other), capacity)]
      return less >= 0 && less <= more && more <= 1_800
    }),
  )
})

test('percent has one decimal and knows empty events', () => {
  expect(percent(1, 3)).toBe(33.3)
  expect(percent(5, 0)).toBe(0)
})
