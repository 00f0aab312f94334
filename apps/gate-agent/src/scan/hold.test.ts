import { expect, test } from 'vitest'
import { createHold } from './hold.ts'

test('a code held before the camera is one presentation, however long it stays', () => {
  const hold = createHold({ holdMs: 1_000 })
  const seen = [0, 300, 900, 1_700, 2_600].map((at) => hold.isNew('A', at))
  expect(seen).toEqual([true, false, false, false, false])
})

test('a code that was away longer than the hold is shown anew', () => {
  const hold = createHold({ holdMs: 1_000 })
  hold.isNew('A', 0)
  expect(hold.isNew('A', 1_001)).toBe(true)
})

test('two codes in view at once do not make each other new', () => {
  const hold = createHold({ holdMs: 1_000 })
  const seen = ['A', 'B', 'A', 'B'].map((text, n) => hold.isNew(text, n * 10))
  expect(seen).toEqual([true, true, false, false])
})
