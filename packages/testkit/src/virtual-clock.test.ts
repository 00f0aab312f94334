// Time in tests has to behave like time: in order, at the instant promised, and repeatable.
import { expect, test } from 'vitest'
import { createVirtualClock } from './virtual-clock.ts'

test('what is due runs in order and sees the instant it was due at', async () => {
  const clock = createVirtualClock(1_000)
  const seen: string[] = []
  void clock.sleep(30).then(() => seen.push(`b ${clock.now()}`))
  void clock.sleep(10).then(() => seen.push(`a ${clock.now()}`))
  await clock.advance(100)
  expect(seen).toEqual(['a 1010', 'b 1030'])
  expect(clock.now()).toBe(1_100)
})

test('a repeating timer runs as often as time allows, and not after it was ended', async () => {
  const clock = createVirtualClock(0)
  let turns = 0
  const end = clock.every(10, () => (turns += 1))
  await clock.advance(35)
  end()
  await clock.advance(100)
  expect(turns).toBe(3)
})

test('a jump of the wall clock lets no time pass', async () => {
  const clock = createVirtualClock(0)
  let woke = false
  void clock.sleep(1_000).then(() => (woke = true))
  clock.jump(3_600_000)
  await clock.advance(1)
  expect([clock.now(), clock.monoMs(), woke]).toEqual([3_600_001, 1, false])
})
