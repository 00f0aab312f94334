/** Knowledge comes up: ingest joined with its writers, the keys that journals are signed with, and the ears for what it finds wrong. */
import type { EventId, GateId } from '@gatehouse/domain'
import type { Clock, Logger, Metrics } from '@gatehouse/runtime'
import type { CloudConfig } from '../config.ts'
import type { Database } from '../db/open.ts'
import { createWriter } from '../db/writer.ts'
import { createIngest, type Ingest } from '../ingest/ingest.ts'
import type { IngestNeeds } from '../ingest/needs.ts'
import { createPgIngestStore, shareWriters } from '../ingest/pg-ingest-store.ts'
import { createIngestAlerts } from './ingest-alerts.ts'
import { createJournalKeys } from './journal-keys.ts'
import { storeNumber } from './store-number.ts'

export interface GateIngestNeeds {
  readonly config: CloudConfig
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Called after commits with the events that have new facts. */
  readonly committed: (events: ReadonlySet<EventId>) => void
  readonly ack: IngestNeeds['ack']
}

export interface GateIngest {
  readonly ingest: Ingest
  /** Ends the writers; ingest has to be idle. */
  close(): Promise<void>
}

/** While one shard waits for the database the other one reads and checks: a writer is never idle. A gate's writer follows from its shard. */
const SHARDS_PER_WRITER = 2
/** A transaction costs as much as ten check-ins; at a thousand a second and more they share it. Nobody at a gate waits for an ack. */
const PAUSE_MS = 10

export function createGateIngest(needs: GateIngestNeeds): GateIngest {
  const { config, database, clock, committed, ack } = needs
  const writers = Array.from({ length: config['ingest.writers'] }, (_, n) =>
    createWriter({ url: database.url, name: `ingest ${n}` }),
  )
  const shardOf = (gate: GateId) => Number.parseInt(gate.slice(-6), 16) % writers.length
  const stores = writers.map((writer, n) => createPgIngestStore({ writer, clock, number: storeNumber(config, n) }))
  const ingest = createIngest({
    store: shareWriters(stores, shardOf),
    verifyOf: createJournalKeys(database.pool, clock),
    now: clock.now,
    ack,
    alert: createIngestAlerts({ ...needs, connection: database.pool }),
    committed,
    pause: () => clock.sleep(PAUSE_MS),
    settings: { shards: writers.length * SHARDS_PER_WRITER },
  })
  return { ingest, close: async () => void (await Promise.all(writers.map((writer) => writer.end()))) }
}
