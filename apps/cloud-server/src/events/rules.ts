/** Reads the rules of an event from its row, its gates and its badges, in the shape that the gates' engine takes. */
import type { EventId, EventRules, GateRule, Policies, TicketTypeRule, ZoneRule } from '@gatehouse/domain'
import type { ClientBase, Pool } from 'pg'

export interface RulesRow {
  readonly id: EventId
  readonly name: string
  readonly time_zone: string
  readonly starts_at: Date | null
  readonly ends_at: Date | null
  readonly grace_sec: number
  readonly duplicate_window_sec: number
  readonly repeat_window_sec: number
  readonly capacity: number | null
  readonly zones: readonly ZoneRule[]
  readonly policies: Policies
  readonly ticket_types: Readonly<Record<string, TicketTypeRule>>
  readonly ticket_keys: NonNullable<EventRules['ticketKeys']>
  readonly gates: Readonly<Record<string, GateRule>>
  readonly first_badge: number | null
  readonly last_badge: number | null
}

/** For `select … from events.events e`. */
export const RULES_COLUMNS = `e.id, e.name, e.time_zone, e.starts_at, e.ends_at, e.grace_sec, e.duplicate_window_sec, e.repeat_window_sec,
  e.capacity, e.zones, e.policies, e.ticket_types, e.ticket_keys,
  coalesce((select jsonb_object_agg(g.id, g.rule || jsonb_strip_nulls(jsonb_build_object('name', g.name, 'zone', g.zone)))
    from gates.gates g where g.event = e.id and g.status = 'active'), '{}') as gates,
  (select min(c.badge_number) from roster.credentials c where c.event = e.id) as first_badge,
  (select max(c.badge_number) from roster.credentials c where c.event = e.id) as last_badge`

export async function readRules(client: ClientBase | Pool, event: EventId): Promise<EventRules | undefined> {
  const { rows } = await client.query<RulesRow>(`select ${RULES_COLUMNS} from events.events e where e.id = $1`, [event])
  return rows[0] && rulesOf(rows[0])
}

export function rulesOf(row: RulesRow): EventRules {
  return {
    id: row.id,
    name: row.name,
    timeZone: row.time_zone,
    ...(row.starts_at ? { startsAt: row.starts_at.getTime() } : {}),
    ...(row.ends_at ? { endsAt: row.ends_at.getTime() } : {}),
    graceSec: row.grace_sec,
    duplicateWindowSec: row.duplicate_window_sec,
    repeatWindowSec: row.repeat_window_sec,
    ...(row.capacity === null ? {} : { capacity: row.capacity }),
    zones: row.zones,
    gates: row.gates,
    ticketTypes: row.ticket_types,
    policies: row.policies,
    ticketKeys: row.ticket_keys,
    ...(row.first_badge === null || row.last_badge === null
      ? {}
      : { rollingBadges: { first: row.first_badge, last: row.last_badge } }),
  }
}
