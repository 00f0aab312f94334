/** What ingest found wrong: counted, logged, and the bytes that could not even be numbered kept for finding out why. */
import type { Clock, Logger, Metrics } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'
import type { IngestAlert } from '../ingest/needs.ts'

export interface IngestAlertNeeds {
  readonly connection: Connection
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export function createIngestAlerts({ connection, clock, logger, metrics }: IngestAlertNeeds) {
  const alerts = metrics.counter('gatehouse_ingest_alerts_total', 'What ingest found wrong, by kind', ['what'])
  return ({ raw, ...alert }: IngestAlert): void => {
    alerts.add({ what: alert.what })
    logger.warn({ ...alert }, 'ingest alert')
    if (!raw) return
    connection
      .query({
        text: 'INSERT INTO attendance.unreadable_messages (gate, at, reason, raw) VALUES ($1, $2, $3, $4)',
        values: [alert.gate, new Date(clock.now()), alert.detail ?? alert.what, Buffer.from(raw)],
      })
      .catch((error: Error) => logger.warn({ problem: error.message }, 'an unreadable message could not be kept'))
  }
}
