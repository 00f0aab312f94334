/**
 * The roster as lines: what an organizer has in the tables, in the canonical form that gates keep and the set hash covers. Names
 * leave the cloud only when the organizer turned them on; e-mail, token and external id never do.
 */
import type { EventId, GateRule, ParticipantId } from '@gatehouse/domain'
import { canonicalJson } from '@gatehouse/protocol'
import type { Connection } from '../db/pool.ts'

interface ParticipantRow {
  readonly id: ParticipantId
  readonly status: string
  readonly name: string | null
  readonly ticketType: string
  readonly zones: string[]
  readonly validFrom: number | null
  readonly validUntil: number | null
  readonly entryPolicy: string
  readonly maxEntries: number | null
  readonly attention: string | null
  readonly hold: string | null
  readonly credentials: readonly { kind: string; key: string; status: string }[] | null
}

const PARTICIPANTS = `SELECT p.id, p.status, CASE WHEN e.show_names THEN p.name END AS name, p.ticket_type AS "ticketType", p.zones,
    (extract(epoch FROM p.valid_from) * 1000)::bigint AS "validFrom", (extract(epoch FROM p.valid_until) * 1000)::bigint AS "validUntil",
    p.entry_policy AS "entryPolicy", p.max_entries AS "maxEntries", p.attention, p.hold, c.credentials
  FROM roster.participants p JOIN events.events e ON e.id = p.event
    LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'key', replace(key::text, '-', ''), 'status', status) ORDER BY kind, key) AS credentials
      FROM roster.credentials WHERE participant = p.id) c ON true
  WHERE p.id = ANY($1::uuid[])`

/** Lines of those who exist; who is missing was removed. */
export async function participantLines(
  connection: Connection,
  ids: readonly ParticipantId[],
): Promise<Map<string, string>> {
  const { rows } = await connection.query<ParticipantRow>({ name: 'roster-lines', text: PARTICIPANTS, values: [ids] })
  return new Map(
    rows.map((row) => [
      row.id,
      canonicalJson(compact({ kind: 'participant', ...row, credentials: row.credentials ?? [] })),
    ]),
  )
}

interface EventRow {
  readonly id: EventId
  readonly name: string
  readonly timeZone: string
  readonly startsAt: number | null
  readonly endsAt: number | null
  readonly graceSec: number
  readonly duplicateWindowSec: number
  readonly repeatWindowSec: number
  readonly capacity: number | null
  readonly zones: unknown[]
  readonly policies: object
  readonly ticketTypes: object
  readonly ticketKeys: unknown[]
  readonly firstBadge: number | null
  readonly lastBadge: number | null
}

const EVENT = `SELECT e.id, e.name, e.time_zone AS "timeZone", (extract(epoch FROM e.starts_at) * 1000)::bigint AS "startsAt",
    (extract(epoch FROM e.ends_at) * 1000)::bigint AS "endsAt", e.grace_sec AS "graceSec", e.duplicate_window_sec AS "duplicateWindowSec",
    e.repeat_window_sec AS "repeatWindowSec", e.capacity, e.zones, e.policies, e.ticket_types AS "ticketTypes", e.ticket_keys AS "ticketKeys",
    b.first AS "firstBadge", b.last AS "lastBadge"
  FROM events.events e, LATERAL (SELECT min(badge_number) AS first, max(badge_number) AS last FROM roster.credentials WHERE event = e.id) b
  WHERE e.id = $1`

interface GateRow {
  readonly id: string
  readonly name: string
  readonly zone: string | null
  readonly rule: Pick<GateRule, 'ticketTypes' | 'condition' | 'elsewhere'>
}

/** Undefined when there is no such event. */
export async function rulesLine(connection: Connection, event: EventId): Promise<string | undefined> {
  const { rows } = await connection.query<EventRow>({ text: EVENT, values: [event] })
  const row = rows[0]
  if (!row) return undefined
  const gates = await connection.query<GateRow>({
    text: `SELECT id, name, zone, rule FROM gates.gates WHERE event = $1 AND status = 'active'`,
    values: [event],
  })
  const { firstBadge, lastBadge, ...rules } = row
  const rollingBadges = firstBadge === null ? null : { first: firstBadge, last: lastBadge }
  const byGate = Object.fromEntries(
    gates.rows.map(({ id, name, zone, rule }) => [id, compact({ ...rule, name, zone })]),
  )
  return canonicalJson(compact({ kind: 'rules', ...rules, rollingBadges, gates: byGate }))
}

export function removalLine(id: string): string {
  return canonicalJson({ kind: 'remove', of: 'participant', id })
}

/** A missing field and an empty one are the same to a reader; only the former is canonical. */
function compact(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null && field !== undefined))
}
