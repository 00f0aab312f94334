/**
 * What the downlink needs from the database: changes get their numbers here, in a transaction under the event's lock, and
 * pages are read back by number. Two implementations exist, PostgreSQL and (for simulation) maps.
 */
import type { EpochId, EventId, GateId, OrgId } from '@gatehouse/domain'
import type { FeedName } from '@gatehouse/protocol'

export interface FeedRows {
  /** Canonical lines in version order; removals are lines too. */
  readonly lines: readonly string[]
  /** Version after the last line (of what was read; the head when nothing is left). */
  readonly to: number
  readonly head: number
  readonly more: boolean
  /** Roster only, and only when `to` is the head: root after applying. */
  readonly root?: string
}

export interface Covered {
  readonly epoch: EpochId
  readonly through: number
}

/** Which facts of a gate (of its newest epoch) are surely contained in the presence feed at its head. */
export type Covers = ReadonlyMap<GateId, Covered>

export interface PendingEvent {
  readonly org: OrgId
  readonly event: EventId
}

/** What one event's numbering gave: lines for the versions from + 1 .. to. */
export interface Numbered extends FeedRows, PendingEvent {
  readonly from: number
  readonly covers: Covers
}

export interface FeedStore {
  /** Events with changes that have no number yet. */
  pending(feed: FeedName): Promise<readonly PendingEvent[]>
  /**
   * Numbers what is pending of these events (perhaps of others too) in one transaction under their locks, in commit order where that
   * matters, and returns it; nothing for an event without changes. About `limit` lines at most, `more` when others are left.
   * `covers` (presence, at most 32 gates, those with changes first) is read before the pending changes are, is empty
   * when some are left, and is remembered for `coversOf`.
   */
  number(events: readonly PendingEvent[], feed: FeedName, limit: number): Promise<readonly Numbered[]>
  head(event: EventId, feed: FeedName): Promise<number>
  /** The oldest cursor that deltas can still serve (removals older than it are gone). */
  horizon(event: EventId, feed: FeedName): Promise<number>
  /** Latest state of every row with a version beyond the cursor, removals among them, in version order. */
  after(event: EventId, feed: FeedName, cursor: number, atMostBytes: number): Promise<FeedRows>
  /** What was covered for this gate at the last numbering of the event's presence feed. */
  coversOf(event: EventId, gate: GateId): Promise<Covered | undefined>
  /**
   * One consistent read at the head: which of the 256 roster buckets differ from `theirs`, as many of them as fit into `atMostBytes` (at
   * least one), and all live rows of those. `more` when other differing buckets did not fit.
   */
  differing(
    event: EventId,
    theirs: readonly string[],
    atMostBytes: number,
  ): Promise<FeedRows & { readonly buckets: readonly number[] }>
}
