/**
 * How many connections one address may open: a bucket that fills with time. A venue behind one address may come back all at once after
 * an outage, so the bucket is deep; somebody who never stops is slowed to the rate. Forgets addresses that have been quiet.
 */
import type { Clock } from '@gatehouse/runtime'

export interface ConnectRate {
  /** False: close the connection at once. */
  allows(address: string): boolean
}

const ADDRESSES_AT_MOST = 10_000

export function createConnectRate({
  perSec,
  burst,
  clock,
}: {
  perSec: number
  burst: number
  clock: Clock
}): ConnectRate {
  const buckets = new Map<string, { tokens: number; atMs: number }>()

  function forgetFull(nowMs: number): void {
    for (const [address, { tokens, atMs }] of buckets) {
      if (tokens + ((nowMs - atMs) / 1_000) * perSec >= burst) buckets.delete(address)
    }
    // All of them are busy: the oldest goes, memory does not grow.
    const oldest = buckets.size >= ADDRESSES_AT_MOST ? buckets.keys().next().value : undefined
    if (oldest !== undefined) buckets.delete(oldest)
  }

  return {
    allows(address) {
      const nowMs = clock.monoMs()
      const bucket = buckets.get(address) ?? { tokens: burst, atMs: nowMs }
      const tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * perSec)
      if (buckets.size >= ADDRESSES_AT_MOST) forgetFull(nowMs)
      buckets.set(address, { tokens: Math.max(0, tokens - 1), atMs: nowMs })
      return tokens >= 1
    },
  }
}
