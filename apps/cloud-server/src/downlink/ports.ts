/**
 * What the downlink needs from the database: changes get their numbers here, in a transaction under the event's lock, and
 * pages are read back by number. Two implementations exist, PostgreSQL and (for simulation) maps.
 */
import type { EpochId, EventId, GateId } from '@gatehouse/domain'
import type { FeedName } from '@gatehouse/protocol'

export interface FeedRows {
  /** Canonical lines in version order. */
  readonly lines: readonly string[]
  /** Version after the last line (of what was read; the head when nothing is left). */
  readonly to: number
  readonly head: number
  readonly more: boolean
  /** Roster only, and only when `to` is the head: root after applying. */
  readonly root?: string
}

/** Which facts of a gate are surely contained in the presence feed at its head. */
export type Covers = ReadonlyMap<GateId, { readonly epoch: EpochId; readonly through: number }>

export interface FeedStore {
  /** Events with changes that have no number yet. */
  pending(feed: FeedName): Promise<readonly EventId[]>
  /** Numbers what is pending in commit order and returns it; undefined when nothing was. `limit` lines at most. */
  number(event: EventId, feed: FeedName, limit: number): Promise<(FeedRows & { readonly from: number; readonly covers: Covers }) | undefined>
  head(event: EventId, feed: FeedName): Promise<number>
  /** The oldest cursor that deltas can still serve (removals older than it are gone). */
  horizon(event: EventId, feed: FeedName): Promise<number>
  after(event: EventId, feed: FeedName, cursor: number, atMostBytes: number): Promise<FeedRows>
  coversOf(gate: GateId): Promise<Covers>
  buckets(event: EventId): Promise<readonly string[]>
  inBuckets(event: EventId, buckets: readonly number[]): Promise<FeedRows>
  /** Root of the roster at a version, where it is still known. */
  rootAt(event: EventId, version: number): Promise<string | undefined>
}
