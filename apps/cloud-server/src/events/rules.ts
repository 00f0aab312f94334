/** Reads the rules of an event from its row, its gates and its badges, in the shape that the gates' engine takes. */
import type { EventId, EventRules, GateRule } from '@gatehouse/domain'
import { eq, sql } from 'drizzle-orm'
import type { Drizzle } from '../db/drizzle.ts'
import { events } from '../db/tables/events.ts'

/**
 * To be selected from `events`. The subqueries name the event's table in full and by hand: Drizzle leaves the table's name out of the
 * columns it writes here, and inside a subquery the short name would mean another column.
 */
export const RULES_COLUMNS = {
  id: events.id,
  name: events.name,
  timeZone: events.timeZone,
  startsAt: events.startsAt,
  endsAt: events.endsAt,
  graceSec: events.graceSec,
  duplicateWindowSec: events.duplicateWindowSec,
  repeatWindowSec: events.repeatWindowSec,
  capacity: events.capacity,
  zones: events.zones,
  policies: events.policies,
  ticketTypes: events.ticketTypes,
  ticketKeys: events.ticketKeys,
  gates: sql<Readonly<Record<string, GateRule>>>`coalesce(
    (select jsonb_object_agg(g.id, g.rule || jsonb_strip_nulls(jsonb_build_object('name', g.name, 'zone', g.zone)))
      from gates.gates g where g.event = events.events.id and g.status = 'active'), '{}')`,
  firstBadge: sql<
    number | null
  >`(select min(c.badge_number) from roster.credentials c where c.event = events.events.id)`,
  lastBadge: sql<
    number | null
  >`(select max(c.badge_number) from roster.credentials c where c.event = events.events.id)`,
}

type EventRow = typeof events.$inferSelect

export type RulesRow = Pick<EventRow, Extract<keyof EventRow, keyof typeof RULES_COLUMNS>> & {
  readonly gates: Readonly<Record<string, GateRule>>
  readonly firstBadge: number | null
  readonly lastBadge: number | null
}

export async function readRules(db: Drizzle, event: EventId): Promise<EventRules | undefined> {
  const [row] = await db.select(RULES_COLUMNS).from(events).where(eq(events.id, event))
  return row && rulesOf(row)
}

export function rulesOf(row: RulesRow): EventRules {
  return {
    id: row.id,
    name: row.name,
    timeZone: row.timeZone,
    ...(row.startsAt ? { startsAt: row.startsAt.getTime() } : {}),
    ...(row.endsAt ? { endsAt: row.endsAt.getTime() } : {}),
    graceSec: row.graceSec,
    duplicateWindowSec: row.duplicateWindowSec,
    repeatWindowSec: row.repeatWindowSec,
    ...(row.capacity === null ? {} : { capacity: row.capacity }),
    zones: row.zones,
    gates: row.gates,
    ticketTypes: row.ticketTypes,
    policies: row.policies,
    ticketKeys: row.ticketKeys,
    ...(row.firstBadge === null || row.lastBadge === null
      ? {}
      : { rollingBadges: { first: row.firstBadge, last: row.lastBadge } }),
  }
}
