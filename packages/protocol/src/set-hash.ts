/**
 * Proof that two rosters are the same set of lines, kept current row by row: 256 buckets, each the sum of its row hashes mod
 * 2^128. Equal roots mean equal rosters; when roots differ, the buckets say where.
 */
import { sha256, sha256Hex } from './crypto.ts'
import { fromHex, toHex } from './hex.ts'
import { LIMITS } from './limits.ts'

const MASK = (1n << 128n) - 1n

export function emptyBuckets(): bigint[] {
  return Array.from({ length: LIMITS.buckets }, () => 0n)
}

/** First 16 bytes of SHA-256 over the line's text, as a big-endian number. */
export function rowHash(line: string | Uint8Array): bigint {
  return BigInt(`0x${sha256Hex(line).slice(0, 32)}`)
}

export function bucketOf(kind: string, id: string): number {
  return Number.parseInt(sha256Hex(`${kind}:${id}`).slice(0, 2), 16)
}

export function addRow(buckets: bigint[], kind: string, id: string, line: string | Uint8Array): void {
  const bucket = bucketOf(kind, id)
  buckets[bucket] = (valueAt(buckets, bucket) + rowHash(line)) & MASK
}

/** Takes back exactly the line that was added; with any other line the root is wrong from then on. */
export function removeRow(buckets: bigint[], kind: string, id: string, line: string | Uint8Array): void {
  const bucket = bucketOf(kind, id)
  buckets[bucket] = (valueAt(buckets, bucket) - rowHash(line)) & MASK
}

/** SHA-256 over the bucket values in order, 64 hex digits. */
export function rootOf(buckets: readonly bigint[]): string {
  return toHex(sha256(fromHex(bucketsToHex(buckets).join(''))))
}

export function bucketsToHex(buckets: readonly bigint[]): string[] {
  if (buckets.length !== LIMITS.buckets) throw new RangeError('a roster has 256 buckets')
  return buckets.map((value) => value.toString(16).padStart(32, '0'))
}

/** Takes what a parsed sync request carries, or what was stored. Throws a RangeError on anything else. */
export function bucketsFromHex(texts: readonly string[]): bigint[] {
  const wrong = texts.length !== LIMITS.buckets || !texts.every((text) => /^[0-9a-f]{32}$/.test(text))
  if (wrong) throw new RangeError('not 256 bucket values in hex')
  return texts.map((text) => BigInt(`0x${text}`))
}

/** Indices at which two rosters differ. */
export function differingBuckets(ours: readonly string[], theirs: readonly string[]): number[] {
  return ours.flatMap((value, index) => (value === theirs[index] ? [] : [index]))
}

function valueAt(buckets: readonly bigint[], bucket: number): bigint {
  const value = buckets[bucket]
  if (value === undefined) throw new RangeError('a roster has 256 buckets')
  return value
}
