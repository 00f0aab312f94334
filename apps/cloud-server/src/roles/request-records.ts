/**
 * Check-ins that come over HTTP: they pass the same store as those of gates, on a connection of their own, so that neither waits for the
 * other.
 */
import type { Clock } from '@gatehouse/runtime'
import type { RecordRequests } from '../attendance/ports.ts'
import { createRecord } from '../attendance/record.ts'
import type { CloudConfig } from '../config.ts'
import type { Database } from '../db/open.ts'
import { createWriter } from '../db/writer.ts'
import { createPgIngestStore } from '../ingest/pg-ingest-store.ts'
import { createRecordRequests } from '../ingest/pg-requests.ts'
import { REQUESTS, storeNumber } from './store-number.ts'

export interface RequestRecordsNeeds {
  readonly config: CloudConfig
  readonly database: Database
  readonly clock: Clock
  readonly newId: () => string
}

export interface RequestRecords {
  readonly record: RecordRequests
  close(): Promise<void>
}

export function createRequestRecords({ config, database, clock, newId }: RequestRecordsNeeds): RequestRecords {
  const writer = createWriter({ url: database.url, name: 'requests' })
  const store = createPgIngestStore({ writer, clock, number: storeNumber(config, REQUESTS) })
  const write = createRecordRequests({ store, connection: writer, clock, newId })
  return {
    record: createRecord({ pool: database.pool, write }),
    close: () => writer.end(),
  }
}
