/**
 * What the rooms of the agent need from its disk. Two implementations exist, SQLite and (for simulation) maps, and one
 * contract test runs on both. All calls are synchronous: a decision never waits for anything but this disk.
 */
import type {
  CredentialKey,
  Earlier,
  EpochId,
  EventRules,
  Participant,
  ParticipantId,
  Passage,
  Presence,
} from '@gatehouse/domain'
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

/** Where one journal file's life stands: rows 1..lastSeq exist, 1..ackedThrough are safe in the cloud. */
export interface EpochPosition {
  readonly epoch: EpochId
  readonly lastSeq: number
  readonly ackedThrough: number
}

/** An entry of an ended epoch that the cloud could not take there and that is written again into the present one. */
export interface Again {
  readonly seq: number
  readonly entry: JournalEntry
}

export interface JournalStore {
  /** The present epoch. */
  epoch(): EpochId
  /** Last seq of the present epoch. */
  lastSeq(): number
  /** The present epoch last; before it, oldest first, every ended epoch that still has rows not acknowledged. */
  epochs(): readonly EpochPosition[]
  /** h(seq); 32 zero bytes for 0; undefined when there is no such row or it was compacted away (its acked head is kept). */
  hashAt(epoch: EpochId, seq: number): Uint8Array | undefined
  /**
   * One durable transaction: the numbered line in the present epoch and, when given, the mark. `takesBack` is the seq (present epoch) of a
   * decision that staff undid: its mark is dropped and `earlier` no longer reports it. Returns after it is on disk.
   */
  append(entry: JournalEntry, mark?: Passage, takesBack?: number): JournalRow
  /** Rows of an epoch from `from` on, in order, at most `atMost`. */
  rows(epoch: EpochId, from: number, atMost: number): readonly JournalRow[]
  /**
   * One durable transaction. `through` never goes back and never passes the epoch's last row. `parked` are seqs the cloud could not use: kept
   * apart (primary key epoch, seq). `again` are those of them to be appended anew to the present epoch, in this order, their
   * marks moved to the new numbers; a seq that was parked before is skipped, so that doing it twice writes nothing twice.
   */
  acknowledge(
    epoch: EpochId,
    through: number,
    parked: readonly number[],
    again?: readonly Again[],
  ): readonly JournalRow[]
  /** Over all epochs. */
  unsent(): { readonly count: number; readonly bytes: number; readonly oldestAt?: number }
  /** Ends the present epoch and begins another at seq 1; unacknowledged rows of the old one can still be read and sent. */
  openEpoch(epoch: EpochId): void
  marksOf(participant: ParticipantId): readonly Mark[]
  /** All marks, for occupancy. */
  marks(): readonly Mark[]
  /**
   * Marks of this epoch with seq ≤ through have come back in the feed and count no longer. In memory only: after a restart they are there
   * again, because a power cut may take the roster's last transactions, and with them what the feed had brought back.
   */
  forgetMarks(epoch: EpochId, through: number): void
  /**
   * The same, in memory only too, for the acknowledged marks of this participant with at ≤ until (a cloud that does not say what
   * it covers).
   */
  forgetMarksOf(participant: ParticipantId, until: number): void
  /** One durable transaction: all that was forgotten so far is forgotten for good. Called after the roster was flushed. */
  settleMarks(): void
  /** Last decision about this participant or credential that was journalled at this gate. */
  earlier(who: {
    readonly participant?: ParticipantId
    readonly credential?: CredentialKey
  }): (Omit<Earlier, 'sameCredential'> & { readonly credential?: CredentialKey }) | undefined
  /** Deletes acknowledged rows with `at` before `keepFrom` that no mark needs; the hash of the last deleted one is kept. */
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
  /** True once the head of the roster feed was reached: until then somebody may be missing. Durable; never goes back. */
  isWhole(): boolean
  markWhole(): void
  /** People inside by the feed alone. */
  inside(): { readonly event: number; readonly byZone: ReadonlyMap<string, number> }
  /** One transaction: lines and cursor together. The caller has checked that `from` is the cursor. */
  applyRoster(page: FeedPage<RosterRow>): void
  applyPresence(page: FeedPage<PresenceLine>): void
  /** Replaces exactly the rows of these buckets, and moves the cursor to `to`. */
  replaceBuckets(buckets: readonly number[], page: FeedPage<RosterRow>): void
  /**
   * Pages of a snapshot are set aside and replace the whole set at `finish`, so that decisions go on with the old one. A page with
   * `from` 0 begins the staging anew. Lines may say `remove` (of rows of earlier pages).
   */
  stageSnapshot(feed: FeedName, page: FeedPage<RosterRow> | FeedPage<PresenceLine>): void
  /** One transaction: the staged set takes the place of the old one, cursor and buckets with it. */
  finishSnapshot(feed: FeedName, cursor: number): void
  dropSnapshot(feed: FeedName): void
  /** Returns when everything applied so far survives a power cut (a checkpoint). Called about twice a minute, never per page. */
  flush(): void
  /** People whose name, id or ticket text contains all words; best first. Names exist only where the organizer gives them. */
  search(words: string, atMost: number): readonly Participant[]
}
