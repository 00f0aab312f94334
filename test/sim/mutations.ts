/**
 * Places where a test may plant a mistake: ports are wrapped and pure functions replaced from outside. Production code has no
 * switch for this. A run without mutations is the product.
 */
import type { FeedStore } from '@gatehouse/cloud-server/downlink/ports.ts'
import type { CheckBatch } from '@gatehouse/cloud-server/ingest/check-batch.ts'
import type { IngestStore } from '@gatehouse/cloud-server/ingest/ports.ts'
import type { JournalStore, RosterStore } from '@gatehouse/gate-agent/store/ports.ts'
import type { Ack } from '@gatehouse/protocol'
import type { Schedule } from './schedule.ts'
import type { MapCloud } from './stores/map-cloud.ts'

export interface Mutations {
  readonly journal?: (store: JournalStore) => JournalStore
  readonly roster?: (store: RosterStore) => RosterStore
  readonly cloudStore?: (store: IngestStore & FeedStore, schedule: Schedule) => IngestStore & FeedStore
  readonly check?: CheckBatch
  /** Changes an ack on its way out. */
  readonly ack?: (ack: Ack) => Ack
  /** The database as the organizer writes to it. */
  readonly database?: (database: MapCloud) => MapCloud
}
