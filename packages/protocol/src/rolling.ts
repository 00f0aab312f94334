/**
 * Rolling badges: an id that changes every 512 s and means nothing to who does not hold the event's badge key. The index tells
 * whose id was heard; it is filled ahead of time in portions, so that no decision waits while thousands of ids are computed.
 */
import { hkdfSha256, hmacSha256 } from './crypto.ts'
import { toHex } from './hex.ts'

const STEP_SEC = 512

/** Canonical credential of a rolling badge. */
export function rollingCanonical(badgeNumber: number): string {
  return `rb:${badgeNumber}`
}

export function rollingStep(unixSec: number): number {
  return Math.floor(unixSec / STEP_SEC)
}

/** What badge `badgeNumber` sends in that step: 8 bytes, hex. */
export function rollingId(badgeKey: Uint8Array, badgeNumber: number, step: number): string {
  return idOf(keyOf(badgeKey, badgeNumber), step)
}

function keyOf(badgeKey: Uint8Array, badgeNumber: number): Uint8Array {
  return hkdfSha256(badgeKey, `gatehouse.badge.v1:${badgeNumber}`, 32)
}

function idOf(key: Uint8Array, step: number): string {
  const message = new Uint8Array(4)
  new DataView(message.buffer).setUint32(0, step)
  return toHex(hmacSha256(key, message).subarray(0, 8))
}

export interface RollingIndex<Owner> {
  /**
   * Moves to that time, forgets steps that are no longer accepted and computes at most `atMost` missing ids, the present step
   * first. True when nothing is missing. Call it often with a small portion.
   */
  advance(unixSec: number, atMost?: number): boolean
  /** Whose id this is, in the present step or one beside it. */
  resolve(rollingId: string): Owner | undefined
  /** Ids held, at most three per badge. */
  readonly size: number
}

/**
 * `badges` says which owner (say, a credential key) each badge number stands for. It is read in portions too: naming two hundred
 * thousand owners at once would take a second.
 */
export function createRollingIndex<Owner>(deps: {
  readonly badgeKey: Uint8Array
  readonly badges: Iterable<readonly [number, Owner]>
}): RollingIndex<Owner> {
  const source = deps.badges[Symbol.iterator]()
  const badges: { readonly number: number; readonly owner: Owner; key?: Uint8Array }[] = []
  let isWhole = false
  const steps = new Map<number, { readonly owners: Map<string, Owner>; done: number }>()

  /** And one more, to know whether that was all. */
  function readUpTo(count: number): void {
    while (!isWhole && badges.length <= count) {
      const next = source.next()
      if (next.done) isWhole = true
      else badges.push({ number: next.value[0], owner: next.value[1] })
    }
  }

  function fill(step: number, atMost: number): number {
    const table = steps.get(step) ?? { owners: new Map<string, Owner>(), done: 0 }
    steps.set(step, table)
    readUpTo(table.done + atMost)
    const until = Math.min(badges.length, table.done + atMost)
    for (const badge of badges.slice(table.done, until)) {
      badge.key ??= keyOf(deps.badgeKey, badge.number)
      table.owners.set(idOf(badge.key, step), badge.owner)
    }
    const filled = until - table.done
    table.done = until
    return filled
  }

  return {
    advance(unixSec, atMost = Number.POSITIVE_INFINITY) {
      const now = rollingStep(unixSec)
      const wanted = [now, now - 1, now + 1].filter((step) => step >= 0)
      for (const step of steps.keys()) if (!wanted.includes(step)) steps.delete(step)
      let left = atMost
      for (const step of wanted) left -= fill(step, left)
      return isWhole && wanted.every((step) => steps.get(step)?.done === badges.length)
    },
    resolve(id) {
      for (const { owners } of steps.values()) {
        const owner = owners.get(id)
        if (owner !== undefined) return owner
      }
      return undefined
    },
    get size() {
      return [...steps.values()].reduce((sum, { owners }) => sum + owners.size, 0)
    },
  }
}
