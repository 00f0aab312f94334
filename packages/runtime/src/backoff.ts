/**
 * How long to wait before trying again: exponential with full jitter, so that a hundred gates that lost the same broker do not
 * come back in one instant. It begins anew after `reset`, which callers do on every success: a daemon that ran for
 * months must not wait the longest delay for its first retry.
 */
export type Random = () => number

export interface Backoff {
  nextMs(): number
  reset(): void
}

/** Waits lie between `firstMs` and a bound that doubles with each attempt up to `maxMs`. */
export function createBackoff({ firstMs, maxMs, random }: { firstMs: number; maxMs: number; random: Random }): Backoff {
  let attempts = 0
  return {
    nextMs() {
      const bound = Math.min(maxMs, firstMs * 2 ** Math.min(attempts, 30))
      attempts += 1
      return Math.round(Math.min(firstMs, bound) + random() * Math.max(0, bound - firstMs))
    },
    reset() {
      attempts = 0
    },
  }
}
