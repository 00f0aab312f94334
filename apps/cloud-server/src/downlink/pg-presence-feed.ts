/**
 * Numbers of the presence feed. Ingest notes whose presence changed, one row per commit; here they get their versions, one row per
 * event and numbering. The state itself is read from `presence` when a page is made, so that the hot rows are never written twice.
 */
import type { EpochId, EventId, GateId, OrgId } from '@gatehouse/domain'
import { canonicalJson } from '@gatehouse/protocol'
import type { Connection } from '../db/pool.ts'
import type { Writer } from '../db/writer.ts'
import { cutAt } from './pg-roster-feed.ts'
import type { Covered, FeedRows, Numbered } from './ports.ts'

const COVERS_AT_MOST = 32
/** Commits whose people are numbered at a time; each holds at most a thousand. */
const COMMITS_AT_A_TIME = 64
/** Versions read for a page at least: within it, whoever changed more than once is sent once. */
const WINDOW = 1_000

const PRESENCE = `s.participant_ref, p.id, s.inside, s.zone, s.entries, date_part('epoch', s.last_at) AS last_at, date_part('epoch', s.first_at) AS first_at,
  g.id AS last_gate, s.last_direction, s.day, s.day_entries, s.days`

/**
 * Everybody who waits gets a number, in one statement over all events: each person once, with their latest state. How far the gates'
 * journals are held is read by the same statement, so of one instant: a fact that counts there has its change among those
 * read here, or numbered earlier. Commits that do not fit wait for the next turn, and nothing is covered before that.
 */
const NUMBER = `WITH waiting AS MATERIALIZED (SELECT id, event_refs, participant_refs, gate_refs
    FROM (SELECT *, sum(cardinality(participant_refs)) OVER (ORDER BY id) - cardinality(participant_refs) AS before
      FROM (SELECT * FROM attendance.presence_pending ORDER BY id LIMIT ${COMMITS_AT_A_TIME}) oldest) counted WHERE before < $1),
  rest AS MATERIALIZED (SELECT EXISTS (SELECT FROM attendance.presence_pending WHERE id > (SELECT max(id) FROM waiting)) AS more),
  gone AS (DELETE FROM attendance.presence_pending WHERE id = ANY(ARRAY(SELECT id FROM waiting))),
  people AS MATERIALIZED (SELECT DISTINCT u.event_ref, u.participant_ref
    FROM waiting w, unnest(w.event_refs, w.participant_refs) AS u (event_ref, participant_ref)),
  pairs AS MATERIALIZED (SELECT event_ref, gate_ref FROM (
      SELECT event_ref, gate_ref, row_number() OVER (PARTITION BY event_ref ORDER BY gate_ref) AS n
      FROM (SELECT DISTINCT u.event_ref, u.gate_ref FROM waiting w, unnest(w.event_refs, w.gate_refs) AS u (event_ref, gate_ref)) seen) counted
    WHERE n <= ${COVERS_AT_MOST} AND NOT (SELECT more FROM rest)),
  covered AS MATERIALIZED (SELECT c.event_ref, c.gate_ref, g.id AS gate, e.epoch, e.through FROM pairs c JOIN gates.gates g ON g.ref = c.gate_ref
    JOIN LATERAL (SELECT epoch, through FROM attendance.epochs WHERE gate_ref = c.gate_ref AND NOT requests
      ORDER BY first_at DESC, ref DESC LIMIT 1) e ON true),
  kept AS (INSERT INTO attendance.presence_covers (event_ref, gate_ref, epoch, through) SELECT event_ref, gate_ref, epoch, through FROM covered
    ON CONFLICT (event_ref, gate_ref) DO UPDATE SET epoch = excluded.epoch, through = excluded.through),
  lines AS MATERIALIZED (SELECT c.event_ref, row_number() OVER (PARTITION BY c.event_ref ORDER BY c.participant_ref) AS place, ${PRESENCE}
    FROM people c JOIN attendance.presence s ON s.event_ref = c.event_ref AND s.participant_ref = c.participant_ref
      JOIN roster.participants p ON p.ref = c.participant_ref JOIN gates.gates g ON g.ref = s.last_gate_ref),
  numbered AS MATERIALIZED (SELECT n.event_ref, n.participants, e.id AS event, e.org, coalesce(h.head, 0) AS head
    FROM (SELECT event_ref, array_agg(participant_ref ORDER BY place) AS participants FROM lines GROUP BY event_ref) n
      JOIN events.events e ON e.ref = n.event_ref LEFT JOIN roster.heads h ON h.event = e.id AND h.feed = 'presence'),
  moved AS (INSERT INTO roster.heads (event, feed, head) SELECT event, 'presence', head + cardinality(participants) FROM numbered ORDER BY event
    ON CONFLICT (event, feed) DO UPDATE SET head = excluded.head),
  fed AS (INSERT INTO attendance.presence_feed (event_ref, from_version, to_version, participants)
    SELECT event_ref, head, head + cardinality(participants), participants FROM numbered)
SELECT l.*, CASE WHEN l.place = 1 THEN (SELECT jsonb_build_object('event', n.event, 'org', n.org, 'from', n.head, 'more', (SELECT more FROM rest),
    'covers', (SELECT jsonb_agg(jsonb_build_array(c.gate, c.epoch, c.through)) FROM covered c WHERE c.event_ref = n.event_ref))
  FROM numbered n WHERE n.event_ref = l.event_ref) END AS about
FROM lines l ORDER BY l.event_ref, l.place`

interface About {
  readonly event: EventId
  readonly org: OrgId
  readonly from: number
  readonly more: boolean
  readonly covers: readonly (readonly [GateId, EpochId, number])[] | null
}

/** Numbers about `limit` changes of all events; nothing for events whose changed people are all gone. */
export function numberPresence(writer: Writer, limit: number): Promise<readonly Numbered[]> {
  return writer.transaction(async (connection) => {
    // One process numbers at a time: who comes second sees what the first one left.
    await connection.query({
      name: 'presence-lock',
      text: `SELECT pg_advisory_xact_lock(hashtext('attendance.presence_feed'))`,
    })
    const { rows } = await connection.query<PresenceRow & { about: About | null } & Record<string, unknown>>({
      name: 'presence-number',
      text: NUMBER,
      values: [limit],
    })
    const parts: { readonly about: About; readonly lines: string[] }[] = []
    for (const { about, ...row } of rows) {
      if (about) parts.push({ about, lines: [] })
      parts.at(-1)?.lines.push(lineOf(row))
    }
    return parts.map(({ about, lines }) => numberedOf(about, lines))
  })
}

function numberedOf({ event, org, from, more, covers }: About, lines: readonly string[]): Numbered {
  const to = from + lines.length
  const known = (covers ?? []).map(([gate, epoch, through]) => [gate, { epoch, through }] as const)
  return { event, org, from, to, head: to, more, lines, covers: new Map(known) }
}

/** Locks the event's presence feed against other changes of its numberings; undefined when nothing was ever numbered. */
async function lockFeed(connection: Connection, event: EventId): Promise<{ ref: number } | undefined> {
  const { rows } = await connection.query<{ ref: number }>({
    text: `SELECT e.ref FROM roster.heads h JOIN events.events e ON e.id = h.event
      WHERE h.event = $1 AND h.feed = 'presence' FOR UPDATE OF h`,
    values: [event],
  })
  return rows[0]
}

interface PresenceRow {
  readonly participant_ref: number
  readonly id: string
  readonly inside: boolean
  readonly zone: string | null
  readonly entries: number
  readonly last_at: number
  readonly first_at: number | null
  readonly last_gate: string
  readonly last_direction: number
  readonly day: number | null
  readonly day_entries: number
  readonly days: Record<string, number> | null
}

/** Canonical JSON with its members written in order: half a million of these go out while gates catch up. */
function lineOf(row: PresenceRow): string {
  const days = daysOf(row)
  const zone = row.zone === null ? '' : `,"zone":${canonicalJson(row.zone)}`
  const first = row.first_at === null ? '' : `,"firstAt":${Math.round(row.first_at * 1_000)}`
  const last = `"lastAt":${Math.round(row.last_at * 1_000)},"lastDirection":"${row.last_direction === 0 ? 'entry' : 'exit'}","lastGate":"${row.last_gate}"`
  return `{${days}"entries":${row.entries}${first},"id":"${row.id}","inside":${row.inside},"kind":"presence",${last}${zone}}`
}

function daysOf({ day, day_entries: entries, days }: PresenceRow): string {
  const hasToday = day !== null && entries > 0
  if (days === null) return hasToday ? `"days":{"${dayName(day)}":${entries}},` : ''
  return `"days":${canonicalJson(hasToday ? { ...days, [dayName(day)]: entries } : days)},`
}

const dayNames = new Map<number, string>()

function dayName(day: number): string {
  const known = dayNames.get(day)
  if (known !== undefined) return known
  if (dayNames.size > 1_000) dayNames.clear()
  const name = new Date(day * 86_400_000).toISOString().slice(0, 10)
  dayNames.set(day, name)
  return name
}

export async function presenceCoversOf(
  connection: Connection,
  event: EventId,
  gate: GateId,
): Promise<Covered | undefined> {
  const { rows } = await connection.query<Covered & Record<string, unknown>>({
    name: 'presence-covers-of',
    text: `SELECT epoch, through FROM attendance.presence_covers WHERE event_ref = (SELECT ref FROM events.events WHERE id = $1)
      AND gate_ref = (SELECT ref FROM gates.gates WHERE id = $2)`,
    values: [event, gate],
  })
  return rows[0]
}

/** One statement: a version that is read here has its state, or a newer one, in what is read with it. */
export async function presenceAfter(
  connection: Connection,
  event: EventId,
  cursor: number,
  atMostBytes: number,
): Promise<FeedRows> {
  const { rows } = await connection.query<Partial<PresenceRow> & { head: number; version: number | null }>({
    name: 'presence-after',
    text: `WITH me AS (SELECT ref FROM events.events WHERE id = $1)
      SELECT h.head, f.version, ${PRESENCE} FROM roster.heads h
      LEFT JOIN LATERAL (SELECT * FROM (SELECT coalesce(c.versions[u.n], c.from_version + u.n) AS version, u.participant_ref
          FROM (SELECT * FROM attendance.presence_feed WHERE event_ref = (SELECT ref FROM me) AND to_version > $2 ORDER BY to_version LIMIT $3) c,
            unnest(c.participants) WITH ORDINALITY AS u (participant_ref, n)) v
          WHERE version > $2 ORDER BY version LIMIT $3) f ON true
      LEFT JOIN attendance.presence s ON s.event_ref = (SELECT ref FROM me) AND s.participant_ref = f.participant_ref
      LEFT JOIN roster.participants p ON p.ref = f.participant_ref LEFT JOIN gates.gates g ON g.ref = s.last_gate_ref
      WHERE h.event = $1 AND h.feed = 'presence' ORDER BY f.version`,
    values: [event, cursor, Math.max(WINDOW, Math.ceil(atMostBytes / 180))],
  })
  const head = rows[0]?.head ?? 0
  const latest = new Map(rows.map((row, place) => [row.participant_ref, place]))
  // Somebody who was removed has a number but no line any more; whoever changed again has their line at the later number.
  const hasLine = (row: Partial<PresenceRow>, place: number) => row.id && latest.get(row.participant_ref) === place
  const all = rows.map((row, place) => ({
    version: row.version,
    line: hasLine(row, place) ? lineOf(row as PresenceRow) : '',
  }))
  const { lines, to, more } = cutAt(all, atMostBytes, head)
  return { lines, to, head, more }
}

/**
 * Drops from old numberings whoever appears in a newer one, so that the feed stays as long as the number of people. Nothing a gate may
 * ask for changes.
 */
export async function compactPresenceFeed(writer: Writer, event: EventId): Promise<void> {
  await writer.transaction(async (connection) => {
    const locked = await lockFeed(connection, event)
    if (!locked) return
    await connection.query({
      text: `WITH gone AS (DELETE FROM attendance.presence_feed WHERE event_ref = $1 RETURNING *),
          latest AS (SELECT u.participant_ref, max(coalesce(c.versions[u.n], c.from_version + u.n)) AS version
            FROM gone c, unnest(c.participants) WITH ORDINALITY AS u (participant_ref, n) GROUP BY u.participant_ref),
          placed AS (SELECT *, (row_number() OVER (ORDER BY version) - 1) / 1000 AS chunk FROM latest),
          chunks AS (SELECT chunk, array_agg(participant_ref ORDER BY version) AS participants, array_agg(version ORDER BY version) AS versions,
            max(version) AS last FROM placed GROUP BY chunk)
        INSERT INTO attendance.presence_feed (event_ref, from_version, to_version, participants, versions)
        SELECT $1, coalesce(lag(last) OVER (ORDER BY chunk), 0), last, participants, versions FROM chunks`,
      values: [locked.ref],
    })
  })
}
