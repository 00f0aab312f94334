/**
 * What the rooms of the agent need from its disk. Two implementations exist, SQLite and (for simulation) maps, and one
 * contract test runs on both. All calls are synchronous: a decision never waits for anything but this disk.
 */
import type { CredentialKey, Earlier, EpochId, EventRules, Participant, ParticipantId, Passage, Presence } from '@gatehouse/domain'
import type { FeedName, JournalEntry, PresenceLine, RosterLine } from '@gatehouse/protocol'

export interface JournalRow {
  readonly seq: number
  /** The exact text that was hashed and will be sent, without its line end. */
  readonly line: string
  /** h(seq) of the chain, 32 bytes. */
  readonly hash: Uint8Array
}

/** A passage this gate made itself and has not yet seen come back in the presence feed. */
export interface Mark extends Passage {
  readonly epoch: EpochId
  readonly seq: number
}

export interface JournalStore {
  epoch(): EpochId
  lastSeq(): number
  /** h(seq); 32 zero bytes for 0; undefined when that row was compacted away. */
  hashAt(seq: number): Uint8Array | undefined
  /** One durable transaction: the numbered line and, when given, the mark. Returns after it is on disk. */
  append(entry: JournalEntry, mark?: Passage): JournalRow
  /** Rows of the current epoch from `from` on, in order, at most `atMost`. */
  rows(from: number, atMost: number): readonly JournalRow[]
  ackedThrough(): number
  /** Durable; never goes back. `parked` are seqs the cloud could not use: kept apart for support, counted as acknowledged. */
  acknowledge(through: number, parked: readonly number[]): void
  unsent(): { readonly count: number; readonly bytes: number; readonly oldestAt?: number }
  /** Ends the present epoch and begins another at seq 1; rows of the old one stay on disk as evidence. */
  openEpoch(epoch: EpochId): void
  marksOf(participant: ParticipantId): readonly Mark[]
  /** All marks, for occupancy. */
  marks(): readonly Mark[]
  /** Marks of this epoch with seq ≤ through have come back in the feed. */
  forgetMarks(epoch: EpochId, through: number): void
  /** Last decision about this participant or credential that was journalled at this gate. */
  earlier(who: { readonly participant?: ParticipantId; readonly credential?: CredentialKey }): Omit<Earlier, 'sameCredential'> & { readonly credential?: CredentialKey } | undefined
  /** Deletes acknowledged rows older than `keepFrom` that no mark needs; the hash of the last deleted one is kept. */
  compact(keepFrom: number): void
}

export interface FeedPage<Line> {
  readonly from: number
  readonly to: number
  readonly lines: readonly Line[]
}

/** A roster line with the very text it came in, over which it is hashed. */
export interface RosterRow {
  readonly line: RosterLine
  readonly text: string
}

export interface RosterStore {
  cursor(feed: FeedName): number
  root(): string
  buckets(): readonly string[]
  rows(): number
  rules(): EventRules | undefined
  participant(id: ParticipantId): Participant | undefined
  byCredential(key: CredentialKey): Participant | undefined
  presence(id: ParticipantId): Presence | undefined
  /** People inside by the feed alone. */
  inside(): { readonly event: number; readonly byZone: ReadonlyMap<string, number> }
  /** One transaction: lines and cursor together. The caller has checked that `from` is the cursor. */
  applyRoster(page: FeedPage<RosterRow>): void
  applyPresence(page: FeedPage<PresenceLine>): void
  /** Replaces exactly the rows of these buckets, and moves the cursor. */
  replaceBuckets(buckets: readonly number[], page: FeedPage<RosterRow>): void
  /** Pages of a snapshot are set aside and replace the whole set at `finish`, so that decisions go on with the old one. */
  stageSnapshot(feed: FeedName, page: FeedPage<RosterRow> | FeedPage<PresenceLine>): void
  finishSnapshot(feed: FeedName, cursor: number): void
  dropSnapshot(feed: FeedName): void
  /** People whose name, id or ticket text contains all words; best first. Names exist only where the organizer gives them. */
  search(words: string, atMost: number): readonly Participant[]
}
