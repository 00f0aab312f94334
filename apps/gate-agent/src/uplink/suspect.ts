/**
 * Finds the one journal line that makes the broker hang up. A connection that ends right after a batch makes that batch suspect, and from
 * then on batches go one at a time; twice for the same batch and it is halved, down to the single line, which the gate then parks
 * itself. Without this one bad row would mean reconnecting forever (a refused publish closes the connection).
 *
 * A link that merely flaps also hangs up after batches. So only ends count that come within a second of sending, on a connection
 * that had answered before, and the last single line must fail several times more before it is given up.
 */
import type { EpochId } from '@gatehouse/domain'
import { LIMITS } from '@gatehouse/protocol'

export const rightAfterMs = 1000
const strikesToHalve = 2
const strikesToPark = 5

export interface Sent {
  readonly epoch: EpochId
  readonly from: number
  readonly to: number
}

interface Suspect {
  readonly epoch: EpochId
  readonly from: number
  readonly to: number
  readonly strikes: number
}

export interface SuspectWatch {
  /** Whether batches go one at a time. */
  careful(): boolean
  /** At most so many entries may go into the batch that begins here. */
  limit(epoch: EpochId, from: number): number
  /** The connection ended right after this batch. Returns the seq to park when nothing smaller is left to try. */
  closedAfter(sent: Sent): number | undefined
  /** Everything of this epoch up to here arrived. */
  arrived(epoch: EpochId, through: number): void
}

export function createSuspectWatch(): SuspectWatch {
  let suspect: Suspect | undefined
  // Like slow start: after a halving the size grows again with each success, so that a healthy backlog is not slow for long.
  let size: number = LIMITS.batchEntries

  function closedAfter(sent: Sent): number | undefined {
    const same = suspect?.epoch === sent.epoch && suspect.from === sent.from
    const strikes = same && suspect ? suspect.strikes + 1 : 1
    suspect = { epoch: sent.epoch, from: sent.from, to: sent.to, strikes }
    if (sent.to > sent.from && strikes >= strikesToHalve) {
      suspect = { ...suspect, to: sent.from + Math.floor((sent.to - sent.from) / 2), strikes: 0 }
      size = suspect.to - suspect.from + 1
    }
    if (sent.to > sent.from || strikes < strikesToPark) return undefined
    suspect = undefined
    return sent.from
  }

  return {
    careful: () => suspect !== undefined || size < LIMITS.batchEntries,
    limit(epoch, from) {
      const isSuspect = suspect?.epoch === epoch && suspect.from === from
      return isSuspect && suspect ? Math.min(size, suspect.to - suspect.from + 1) : size
    },
    closedAfter,
    arrived(epoch, through) {
      size = Math.min(LIMITS.batchEntries, size * 2)
      if (suspect?.epoch === epoch && suspect.from <= through) suspect = undefined
    },
  }
}
