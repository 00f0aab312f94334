/**
 * Numbers of the presence feed. Ingest notes whose presence changed, one row per commit; here they get their versions, one row per
 * numbering. The state itself is read from `presence` when a page is made, so that the hot rows are never written twice.
 */
import type { EpochId, EventId, GateId } from '@gatehouse/domain'
import { canonicalJson } from '@gatehouse/protocol'
import type { Connection } from '../db/pool.ts'
import type { Writer } from '../db/writer.ts'
import { cutAt } from './pg-roster-feed.ts'
import type { Covered, Covers, FeedRows } from './ports.ts'

const COVERS_AT_MOST = 32
const PENDING_AT_A_TIME = 500
/** Versions read for a page at least: within it, whoever changed more than once is sent once. */
const WINDOW = 1_000

export function numberPresence(
  writer: Writer,
  event: EventId,
  limit: number,
): Promise<(FeedRows & { from: number; covers: Covers }) | undefined> {
  return writer.transaction(async (connection) => {
    const locked = await lockHead(connection, event)
    if (!locked) return undefined
    const { ref, head: from } = locked
    const { participants, done, covers, more } = await readPending(connection, ref, limit)
    const lines = await presenceLines(connection, ref, participants)
    const people = participants.filter((participant) => lines.has(participant))
    const to = from + people.length
    await store(connection, { event, ref, from, to, people, done, covers: more ? new Map() : covers })
    if (people.length === 0) return undefined
    const present = people.map((participant) => lines.get(participant) ?? '')
    return { lines: present, from, to, head: to, more, covers: more ? new Map() : covers }
  })
}

async function lockHead(connection: Connection, event: EventId): Promise<{ ref: number; head: number } | undefined> {
  const lock = {
    name: 'presence-head-locked',
    text: `SELECT e.ref, h.head FROM roster.heads h JOIN events.events e ON e.id = h.event
      WHERE h.event = $1 AND h.feed = 'presence' FOR UPDATE OF h`,
    values: [event],
  }
  const { rows } = await connection.query<{ ref: number; head: number }>(lock)
  if (rows[0]) return rows[0]
  await connection.query({
    text: `INSERT INTO roster.heads (event, feed) SELECT id, 'presence' FROM events.events WHERE id = $1 ON CONFLICT DO NOTHING`,
    values: [event],
  })
  return (await connection.query<{ ref: number; head: number }>(lock)).rows[0]
}

interface PendingRow {
  readonly id: number
  readonly participants: number[]
  readonly covers: readonly { readonly gate: GateId; readonly epoch: EpochId; readonly through: number }[] | null
}

/**
 * Each person once, in the order in which their changes were committed; what does not fit stays pending. How far the gates' journals are
 * held is read by the same statement, so of one instant: a fact that counts there has its change among those read here, or
 * numbered earlier.
 */
async function readPending(connection: Connection, eventRef: number, limit: number) {
  const { rows } = await connection.query<PendingRow & Record<string, unknown>>({
    name: 'presence-pending',
    text: `WITH waiting AS MATERIALIZED (SELECT id, participants, gates FROM attendance.presence_pending WHERE event_ref = $1 ORDER BY id LIMIT $2),
        covers AS (SELECT jsonb_agg(jsonb_build_object('gate', g.id, 'epoch', e.epoch, 'through', e.through)) AS list
          FROM (SELECT DISTINCT unnest(gates) AS ref FROM waiting LIMIT $3) c JOIN gates.gates g ON g.ref = c.ref
            JOIN LATERAL (SELECT epoch, through FROM attendance.epochs WHERE gate_ref = c.ref AND NOT requests
              ORDER BY first_at DESC, ref DESC LIMIT 1) e ON true)
      SELECT id, participants, CASE WHEN row_number() OVER (ORDER BY id) = 1 THEN (SELECT list FROM covers) END AS covers FROM waiting ORDER BY id`,
    values: [eventRef, PENDING_AT_A_TIME + 1, COVERS_AT_MOST],
  })
  const people = new Set<number>()
  const done: number[] = []
  let more = rows.length > PENDING_AT_A_TIME
  for (const { id, participants } of rows.slice(0, PENDING_AT_A_TIME)) {
    const left = participants.filter((participant) => !take(people, participant, limit))
    if (left.length > 0) {
      more = true
      await connection.query({
        text: 'UPDATE attendance.presence_pending SET participants = $2 WHERE id = $1',
        values: [id, left],
      })
      break
    }
    done.push(id)
  }
  const covers: Covers = new Map((rows[0]?.covers ?? []).map(({ gate, epoch, through }) => [gate, { epoch, through }]))
  return { participants: [...people], done, covers, more }
}

interface Numbering {
  readonly event: EventId
  readonly ref: number
  readonly from: number
  readonly to: number
  readonly people: readonly number[]
  readonly done: readonly number[]
  readonly covers: Covers
}

async function store(connection: Connection, { event, ref, from, to, people, done, covers }: Numbering): Promise<void> {
  const through = [...covers.values()]
  await connection.query({
    name: 'presence-numbered',
    text: `WITH gone AS (DELETE FROM attendance.presence_pending WHERE id = ANY($6::bigint[])),
        moved AS (UPDATE roster.heads SET head = $4 WHERE event = $1 AND feed = 'presence' AND head <> $4),
        kept AS (INSERT INTO attendance.presence_covers (event_ref, gate_ref, epoch, through)
          SELECT $2, g.ref, c.epoch, c.through FROM unnest($7::uuid[], $8::uuid[], $9::bigint[]) AS c (gate, epoch, through)
            JOIN gates.gates g ON g.id = c.gate
          ON CONFLICT (event_ref, gate_ref) DO UPDATE SET epoch = excluded.epoch, through = excluded.through)
      INSERT INTO attendance.presence_feed (event_ref, from_version, to_version, participants)
        SELECT $2::int, $3::bigint, $4::bigint, $5::int[] WHERE $3 <> $4`,
    values: [
      event,
      ref,
      from,
      to,
      people,
      done,
      [...covers.keys()],
      through.map(({ epoch }) => epoch),
      through.map((one) => one.through),
    ],
  })
}

function take(people: Set<number>, participant: number, limit: number): boolean {
  if (people.has(participant)) return true
  if (people.size >= limit) return false
  people.add(participant)
  return true
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

const PRESENCE = `s.participant_ref, p.id, s.inside, s.zone, s.entries, date_part('epoch', s.last_at) AS last_at, date_part('epoch', s.first_at) AS first_at,
  g.id AS last_gate, s.last_direction, s.day, s.day_entries, s.days`

async function presenceLines(
  connection: Connection,
  eventRef: number,
  participants: readonly number[],
): Promise<Map<number, string>> {
  if (participants.length === 0) return new Map()
  const { rows } = await connection.query<PresenceRow>({
    name: 'presence-lines',
    text: `SELECT ${PRESENCE} FROM attendance.presence s JOIN roster.participants p ON p.ref = s.participant_ref
      JOIN gates.gates g ON g.ref = s.last_gate_ref WHERE s.event_ref = $1 AND s.participant_ref = ANY($2::int[])`,
    values: [eventRef, participants],
  })
  return new Map(rows.map((row) => [row.participant_ref, lineOf(row)]))
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
    const locked = await lockHead(connection, event)
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
