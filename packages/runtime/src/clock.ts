/**
 * The only place where a program reads time or waits. Everything else takes a `Clock`, so that a test or the simulator can own
 * time. `now` is wall time in Unix ms and may jump; `monoMs` only rises and is for measuring.
 */
import { setTimeout as wait } from 'node:timers/promises'

export interface Clock {
  now(): number
  monoMs(): number
  /** Resolves after `ms`, or at once when the signal is aborted; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs `work` every `ms` until the returned function is called. */
  every(ms: number, work: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monoMs: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
  every(ms, work) {
    const timer = setInterval(work, ms)
    return () => clearInterval(timer)
  },
}
