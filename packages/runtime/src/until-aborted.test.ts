import { expect, test } from 'vitest'
import { untilAborted } from './until-aborted.ts'

test('the wait ends when the signal is aborted, and not before', async () => {
  const ending = new AbortController()
  let isOver = false
  const waiting = untilAborted(ending.signal).then(() => {
    isOver = true
  })
  await Promise.resolve()
  expect(isOver).toBe(false)
  ending.abort()
  await waiting
  expect(isOver).toBe(true)
})

test('a signal that was aborted before the wait began ends it at once', async () => {
  await expect(untilAborted(AbortSignal.abort())).resolves.toBeUndefined()
})
