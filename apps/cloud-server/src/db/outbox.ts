/**
 * The relay of the outbox: takes messages that were written with what they tell about and hands them on, oldest first, at least once.
 * Several processes may relay; none takes what another has in hand.
 */
import type { EventId, OrgId } from '@gatehouse/domain'
import type { Connection } from './pool.ts'

export interface OutboxMessage {
  readonly id: number
  readonly at: Date
  readonly kind: string
  readonly org: OrgId | null
  readonly event: EventId | null
  readonly payload: unknown
}

/** Removes and returns at most `limit` messages. */
export async function takeOutbox(connection: Connection, limit: number): Promise<readonly OutboxMessage[]> {
  const { rows } = await connection.query<OutboxMessage & Record<string, unknown>>({
    name: 'outbox-taken',
    text: `DELETE FROM attendance.outbox WHERE id = ANY(ARRAY(SELECT id FROM attendance.outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
      RETURNING id, at, kind, org, event, payload`,
    values: [limit],
  })
  return rows.sort((a, b) => a.id - b.id)
}
