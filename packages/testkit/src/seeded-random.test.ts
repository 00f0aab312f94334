import { expect, test } from 'vitest'
import { seededRandom, uuidFrom } from './seeded-random.ts'

test('the same seed gives the same run, another seed another one', () => {
  const draw = (seed: number) => Array.from({ length: 50 }, seededRandom(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

test('draws are spread over the whole range', () => {
  const random = seededRandom(1)
  const counts = [0, 0, 0, 0]
  for (let n = 0; n < 4_000; n += 1) counts[random.int(4)]! += 1
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})

test('made-up ids are lower-case UUIDs of version 7', () => {
  expect(uuidFrom(seededRandom(3))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
