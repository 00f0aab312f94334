/**
 * What all beacon sources share: the bounded queue between a radio that does not wait and a reader with its own pace, and the
 * counters that say what was lost on the way.
 */
import { createBoundedQueue } from '@gatehouse/runtime'
import { parseAdvertisementLine } from './advertisement-line.ts'
import type { Advertisement, BeaconCounters } from './source.ts'

/** About two seconds of a crowded hall. */
export const DEFAULT_QUEUE_SIZE = 4096

export interface Hearing {
  readonly hear: (advertisement: Advertisement) => void
  readonly hearLine: (line: string) => void
  readonly refuse: () => void
  /** What waits is delivered in order; ends when the signal is aborted. */
  readonly deliver: (signal: AbortSignal) => AsyncGenerator<Advertisement, void>
  readonly counters: () => BeaconCounters
}

export function createHearing(queueSize = DEFAULT_QUEUE_SIZE): Hearing {
  const queue = createBoundedQueue<Advertisement>({ size: queueSize, whenFull: 'drop-oldest' })
  let heard = 0
  let refused = 0
  const hear = (advertisement: Advertisement) => {
    heard += 1
    queue.push(advertisement)
  }
  return {
    hear,
    hearLine(line) {
      const advertisement = parseAdvertisementLine(line)
      if (advertisement) hear(advertisement)
      else refused += 1
    },
    refuse() {
      refused += 1
    },
    async *deliver(signal) {
      while (!signal.aborted) {
        const advertisement = await queue.take(signal)
        if (advertisement) yield advertisement
      }
    },
    counters: () => ({ heard, refused, dropped: queue.dropped }),
  }
}
