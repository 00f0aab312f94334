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

/** What the cloud holds of one gate's epoch. */
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
  /** Rises with each commit; a commit based on an older one is refused as stale. */
  readonly revision: number
}

export interface Fact {
  readonly seq: number
  readonly line: JournalLine
  /** First 16 bytes of SHA-256 over the line, hex: tells a repetition from a forgery. */
  readonly digest: string
}

export interface Parked {
  readonly seq: number
  readonly raw: string
  readonly reason: string
}

/** The checked outcome of one journal message of one gate. */
export interface GateBatch {
  readonly org: OrgId
  readonly gate: GateId
  readonly epoch: EpochId
  readonly facts: readonly Fact[]
  readonly parked: readonly Parked[]
  /** The lines as they came, for the archive. */
  readonly raw: { readonly from: number; readonly to: number; readonly prev: string; readonly head: string; readonly bytes: Uint8Array; readonly signature?: string }
  readonly before: EpochState
  readonly after: EpochState
  readonly receivedAt: number
}

export interface IngestStore {
  epoch(gate: GateId, epoch: EpochId): Promise<EpochState>
  /** Highest epoch states of a gate, newest first; for clone and restore detection. */
  epochs(gate: GateId): Promise<readonly EpochState[]>
  /** Digests of facts held in a range, for telling a repetition from a forgery. */
  digests(gate: GateId, epoch: EpochId, from: number, to: number): Promise<ReadonlyMap<number, string>>
  /** One transaction for all batches. Rejects with code 'GH-INGEST-STALE' when some `before` is no longer the truth. */
  commit(batches: readonly GateBatch[]): Promise<void>
  /** The event whose facts this gate may write now. */
  eventsOf(gate: GateId): Promise<readonly EventId[]>
}
