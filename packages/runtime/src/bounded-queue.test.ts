import { expect, test } from 'vitest'
import { createBoundedQueue } from './bounded-queue.ts'

test('a full queue drops its oldest item and counts it', async () => {
  const queue = createBoundedQueue<number>({ size: 2, whenFull: 'drop-oldest' })
  expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false])
  expect([await queue.take(), await queue.take()]).toEqual([2, 3])
  expect(queue.dropped).toBe(1)
})

test('a full queue can refuse the newest item instead', async () => {
  const queue = createBoundedQueue<number>({ size: 1, whenFull: 'drop-newest' })
  queue.push(1)
  expect(queue.push(2)).toBe(false)
  expect(await queue.take()).toBe(1)
  expect(queue.size).toBe(0)
})

test('whoever waits gets the next item, in the order of waiting', async () => {
  const queue = createBoundedQueue<string>({ size: 4, whenFull: 'drop-oldest' })
  const both = Promise.all([queue.take(), queue.take()])
  queue.push('a')
  queue.push('b')
  expect(await both).toEqual(['a', 'b'])
})

test('an aborted wait ends with nothing and does not swallow the next item', async () => {
  const queue = createBoundedQueue<string>({ size: 4, whenFull: 'drop-oldest' })
  const controller = new AbortController()
  const waiting = queue.take(controller.signal)
  controller.abort()
  expect(await waiting).toBeUndefined()
  queue.push('kept')
  expect(await queue.take()).toBe('kept')
})
