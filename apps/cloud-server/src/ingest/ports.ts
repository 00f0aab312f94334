/**
 * What ingest needs from the database, and what it hands over: facts that were read, chained and are not yet held. Two
 * implementations exist, PostgreSQL and (for simulation) maps. `commit` is one transaction; when it resolves, all is durable.
 */
import type { EpochId, EventId, GateId, OrgId } from '@gatehouse/domain'
import type { JournalLine } from '@gatehouse/protocol'

/** A run of committed entries beyond the prefix: live entries arrive before the backlog does. */
export interface Run {
  readonly from: number
  readonly to: number
  /** h(from − 1) and h(to), hex. */
  readonly prev: string
  readonly head: string
}

/** What the cloud holds of one gate's epoch. A gate and epoch never seen has through 0, head of 32 zero bytes, not forked,
 * revision 0. */
export interface EpochState {
  readonly gate: GateId
  readonly epoch: EpochId
  /** All of 1..through are committed. */
  readonly through: number
  /** h(through), hex. */
  readonly head: string
  /** Ordered, disjoint, all beyond through + 1; at most 64. */
  readonly runs: readonly Run[]
  /** Highest seq covered by a verified signature. */
  readonly signedTo: number
  /** When the oldest entry beyond signedTo was received; missing when all are signed. A tail older than 5 minutes is alerted. */
  readonly unsignedSince?: number
  /**
   * Other bytes came under numbers that are held (a restored or cloned disk). It stays so: every ack of this epoch asks for a new one,
   * because a gate that missed the first such ack would otherwise count its parked lines as safe.
   */
  readonly forked: boolean
  /** Rises by one with each commit; a commit based on an older one is refused as stale. */
  readonly revision: number
}

export interface Fact {
  readonly seq: number
  readonly line: JournalLine
  /** First 16 bytes of h(seq), hex: tells a repetition from a forgery, and a fork from both. */
  readonly digest: string
  /** Odd things seen before the database is asked: 'event-not-assigned', 'clock-untrusted', 'future'. */
  readonly flags: readonly string[]
}

export interface Parked {
  readonly seq: number
  readonly raw: string
  readonly reason: string
  /** As of a fact; of the bytes that were parked. */
  readonly digest: string
}

/** The lines of one message as they came (everything after the header's line end), for the archive. */
export interface RawLines {
  readonly from: number
  readonly to: number
  readonly prev: string
  readonly head: string
  readonly bytes: Uint8Array
  readonly signature?: string
}

/** The checked outcome of all messages of one gate's epoch in one commit. Facts and parked are in no particular order of seq. */
export interface GateBatch {
  readonly org: OrgId
  readonly gate: GateId
  readonly epoch: EpochId
  readonly facts: readonly Fact[]
  readonly parked: readonly Parked[]
  readonly raw: readonly RawLines[]
  readonly before: EpochState
  readonly after: EpochState
  readonly receivedAt: number
}

/** What is held under one origin key: a fact, or (when no fact is) parked bytes. */
export interface Held {
  readonly digest: string
  readonly parked: boolean
}

export interface IngestStore {
  epoch(gate: GateId, epoch: EpochId): Promise<EpochState>
  /** What is held in a range, for telling a repetition from a forgery. Parked bytes beside a fact are not reported. */
  held(gate: GateId, epoch: EpochId, from: number, to: number): Promise<ReadonlyMap<number, Held>>
  /**
   * One transaction for all batches; (gate, epoch) is unique among them. Rejects with code 'GH-INGEST-STALE' when some
   * `before.revision` is no longer the truth. Parked bytes that are already held word for word are written once.
   */
  commit(batches: readonly GateBatch[]): Promise<void>
  /** The events whose facts this gate is expected to write now. */
  eventsOf(gate: GateId): Promise<readonly EventId[]>
}
