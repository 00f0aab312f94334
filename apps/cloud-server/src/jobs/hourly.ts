/**
 * What keeps the tables in shape: partitions made ahead of time, numberings of the presence feed compacted, and the oldest of the
 * messages that nobody could read thrown away. Each of it may come late or twice without harm.
 */
import type { EventId } from '@gatehouse/domain'
import type { Clock, Logger } from '@gatehouse/runtime'
import type { Writer } from '../db/writer.ts'
import { compactPresenceFeed } from '../downlink/pg-presence-feed.ts'
import { ensurePartitions } from './partitions.ts'

export interface HourlyNeeds {
  readonly writer: Writer
  readonly clock: Clock
  readonly logger: Logger
}

/** Numberings of one event's presence feed that are worth compacting. */
const NUMBERINGS = 2_000
const UNREADABLE_KEPT = 10_000

export async function hourly({ writer, clock, logger }: HourlyNeeds): Promise<void> {
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
