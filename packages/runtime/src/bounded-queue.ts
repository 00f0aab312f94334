/**
 * A queue that cannot grow without limit: between a source that does not wait (a radio, a scanner) and a reader that takes at
 * its own pace. When it is full it drops, from the end that its owner chose, and counts what it dropped.
 */
export interface BoundedQueue<T> {
  /** False when something was dropped to keep the bound. */
  push(item: T): boolean
  /** The oldest item; waits for one. Resolves undefined when the signal is aborted. */
  take(signal?: AbortSignal): Promise<T | undefined>
  readonly size: number
  readonly dropped: number
}

export function createBoundedQueue<T>(settings: {
  size: number
  whenFull: 'drop-oldest' | 'drop-newest'
}): BoundedQueue<T> {
  const items: T[] = []
  const waiting: ((item: T | undefined) => void)[] = []
  let dropped = 0

  function push(item: T): boolean {
    const taker = waiting.shift()
    if (taker) {
      taker(item)
      return true
    }
    const full = items.length >= settings.size
    if (full) dropped += 1
    if (full && settings.whenFull === 'drop-newest') return false
    if (full) items.shift()
    items.push(item)
    return !full
  }

  function take(signal?: AbortSignal): Promise<T | undefined> {
    if (items.length > 0) return Promise.resolve(items.shift())
    if (signal?.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const settle = (item: T | undefined) => {
        signal?.removeEventListener('abort', giveUp)
        resolve(item)
      }
      const giveUp = () => {
        waiting.splice(waiting.indexOf(settle), 1)
        resolve(undefined)
      }
      waiting.push(settle)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  return {
    push,
    take,
    get size() {
      return items.length
    },
    get dropped() {
      return dropped
    },
  }
}
