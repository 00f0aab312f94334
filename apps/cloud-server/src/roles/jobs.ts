/** What has to be done now and then: partitions ahead of time, old numberings compacted, the outbox relayed, what is over thrown away. */
import type { EventId } from '@gatehouse/domain'
import { LIMITS } from '@gatehouse/protocol'
import type { Clock, Logger, Metrics, Service } from '@gatehouse/runtime'
import type { Database } from '../db/open.ts'
import { type OutboxMessage, takeOutbox } from '../db/outbox.ts'
import { createWriter } from '../db/writer.ts'
import { compactPresenceFeed } from '../downlink/pg-presence-feed.ts'
import { ensurePartitions } from '../jobs/partitions.ts'

export interface JobNeeds {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly relay: (message: OutboxMessage) => void
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const RELAY_EVERY_MS = 250
const RELAY_AT_ONCE = 500
/** Numberings of one event's presence feed that are worth compacting. */
const NUMBERINGS = 2_000
const UNREADABLE_KEPT = 10_000

export function createJobs({ database, clock, logger, metrics, relay }: JobNeeds): readonly Service[] {
  const writer = createWriter({ url: database.url, name: 'jobs', planFor: 'rows' })
  const unsigned = metrics.gauge(
    'gatehouse_ingest_unsigned_tails',
    'Journals whose newest entries have been unsigned for more than five minutes',
  )

  async function hourly(): Promise<void> {
    const made = await ensurePartitions(writer, clock.now())
    if (made.length > 0) logger.info({ made }, 'partitions made')
    const { rows } = await writer.query<{ event: EventId }>({
      text: `SELECT e.id AS event FROM attendance.presence_feed f JOIN events.events e ON e.ref = f.event_ref GROUP BY e.id HAVING count(*) > $1`,
      values: [NUMBERINGS],
    })
    for (const { event } of rows) await compactPresenceFeed(writer, event)
    await writer.query({
      text: 'DELETE FROM attendance.unreadable_messages WHERE id <= (SELECT max(id) FROM attendance.unreadable_messages) - $1',
      values: [UNREADABLE_KEPT],
    })
  }

  /** Protocol §4: whoever has a tail that long without a signature may have lost its key, or may be somebody else. */
  async function alertUnsigned(): Promise<void> {
    const { rows } = await writer.query<{ gate: string; epoch: string; since: Date }>({
      text: `SELECT g.id AS gate, e.epoch, e.unsigned_since AS since FROM attendance.epochs e JOIN gates.gates g ON g.ref = e.gate_ref
        WHERE NOT e.requests AND e.unsigned_since < $1`,
      values: [new Date(clock.now() - LIMITS.unsignedTailMs)],
    })
    unsigned.set(rows.length)
    for (const row of rows) logger.warn({ ...row }, 'ingest alert: entries without a signature for too long')
  }

  return [
    {
      name: 'unsigned tails',
      async run(signal) {
        while (!signal.aborted) {
          await alertUnsigned()
          await clock.sleep(MINUTE_MS, signal)
        }
      },
    },
    {
      name: 'jobs',
      async run(signal) {
        while (!signal.aborted) {
          await hourly()
          await clock.sleep(HOUR_MS, signal)
        }
      },
      stop: () => writer.end(),
    },
    {
      name: 'outbox relay',
      async run(signal) {
        while (!signal.aborted) {
          const messages = await takeOutbox(database.pool, RELAY_AT_ONCE)
          for (const message of messages) relay(message)
          if (messages.length < RELAY_AT_ONCE) await clock.sleep(RELAY_EVERY_MS, signal)
        }
      },
    },
  ]
}
