import { expect, test } from 'vitest'
import { createLatestFrame } from './latest-frame.ts'

test('while one frame is worked on only the newest of the others is kept', async () => {
  const worked: number[] = []
  let finish = () => {}
  const frames = createLatestFrame<number>({
    work: (frame) => {
      worked.push(frame)
      return new Promise((resolve) => {
        finish = resolve
      })
    },
  })
  for (const frame of [1, 2, 3, 4]) frames.offer(frame)
  expect(worked).toEqual([1])
  finish()
  await expect.poll(() => worked).toEqual([1, 4])
  finish()
  await frames.idle()
  expect(frames.skipped).toBe(2)
  frames.offer(5)
  expect(worked).toEqual([1, 4, 5])
})
