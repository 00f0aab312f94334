/** What ingest is given and how far it may go: the types that it and its shards share. */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import type { Ack } from '@gatehouse/protocol'
import type { Alert, CheckBatch } from './check-batch.ts'
import type { IngestStore } from './ports.ts'

/** Whether `sig` is this gate's signature over the head; undefined when the gate has no key (then nothing verifies). */
export type Verify = (epoch: string, to: number, headHex: string, sig: string) => boolean

export interface IngestAlert {
  readonly org: OrgId
  readonly gate: GateId
  readonly what: Alert['what'] | 'unreadable' | 'restored' | 'refused-by-database'
  readonly epoch?: string
  readonly seq?: number
  readonly count?: number
  readonly detail?: string
  /** Bytes that could not even be numbered, for keeping; at most 4 KiB of them. */
  readonly raw?: Uint8Array
}

export interface IngestNeeds {
  readonly store: IngestStore
  readonly verifyOf: (gate: GateId) => Promise<Verify | undefined>
  readonly now: () => number
  /** Publishes on the gate's `down/ack`. */
  readonly ack: (org: OrgId, gate: GateId, ack: Ack) => void
  readonly alert: (alert: IngestAlert) => void
  /** Called after each commit with the events that have new facts. */
  readonly committed?: (events: ReadonlySet<EventId>, entries: number) => void
  /**
   * Awaited between one transaction and a small next one: what arrives meanwhile shares its costs. A few milliseconds at most; missing, or
   * resolved at once, nothing waits.
   */
  readonly pause?: () => Promise<void>
  /** Where the rule for a batch lives; the simulator plants wrong ones to prove that it would notice. */
  readonly check?: CheckBatch
  readonly settings?: Partial<IngestSettings>
}

export interface IngestSettings {
  readonly shards: number
  readonly commitEntries: number
  /** Entries waiting in one shard; beyond it, messages are refused. */
  readonly queueEntries: number
  readonly epochsKept: number
}
