import { describe, expect, test } from 'vitest'
import { runWith } from './worker.ts'
import { runSeed } from './world.ts'

/** Seeds that once found a mistake in the product; what it was stands in the title (and has a unit test of its own). */
const remembered: readonly (readonly [seed: number, sentence: string])[] = [
  [5157, 'a snapshot is not continued after removals were forgotten'],
  [5243, 'an answer in several pages does not look like a cloud that never covers'],
  [7933, 'a root that differs after a snapshot is seen and repaired'],
  [20122, 'the ack of hello is not taken for that of a live batch of the same millisecond'],
]

describe('everything that happened reaches the cloud once, and every gate knows the same', () => {
  test.each(remembered)('seed %i: %s', async (seed) => {
    expect((await runSeed(seed)).violations).toEqual([])
  })

  for (let from = 20_000; from < 20_150; from += 50) {
    test(`on maps, seeds ${from} to ${from + 49}`, async () => {
      for (let seed = from; seed < from + 50; seed += 1) {
        expect((await runSeed(seed)).violations, `npm run -s sim -- --seed ${seed} --trace`).toEqual([])
      }
    })
  }

  test('on SQLite files, seeds 20000 to 20014', async () => {
    for (let seed = 20_000; seed < 20_015; seed += 1) {
      expect((await runWith(seed, true)).violations, `npm run -s sim -- --seed ${seed} --sqlite --trace`).toEqual([])
    }
  })

  test('a seed gives the same run again', async () => {
    const [one, other] = [await runSeed(42), await runSeed(42)]
    expect(other).toEqual(one)
  })
})
