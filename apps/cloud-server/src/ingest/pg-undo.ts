/**
 * Taking a check-in back: the fact stays and is marked undone, and everything it had been added to is corrected in the same
 * transaction. An undo that overtook its decision waits in a table until the decision arrives.
 */
import type { Connection } from '../db/pool.ts'
import type { Undo } from './pg-fold.ts'

interface Undone {
  readonly epoch_ref: number
  readonly seq: number
  readonly participant_ref: number | null
  readonly event_ref: number
}

/** Call inside the transaction that holds the undo entries (or, with none, to settle those that waited). */
export async function applyUndos(connection: Connection, undos: readonly Undo[], writer: number): Promise<void> {
  // A handful of facts in a table of millions: here, unlike in the ingest statement, rows are to be looked up one by one.
  await connection.query({ text: 'SET LOCAL enable_nestloop = on' })
  if (undos.length > 0) {
    await connection.query({
      text: `INSERT INTO attendance.undos_waiting SELECT DISTINCT * FROM unnest($1::int4[], $2::int8[]) ON CONFLICT DO NOTHING`,
      values: [undos.map((undo) => undo.epochRef), undos.map((undo) => undo.seq)],
    })
  }
  for (const undone of await markUndone(connection)) {
    await takeFromSums(connection, undone, writer)
    if (undone.participant_ref !== null) await foldAgain(connection, undone.event_ref, undone.participant_ref, writer)
  }
}

/** Each fact is undone once however often it is asked; ordered, so that two processes take the locks alike. */
async function markUndone(connection: Connection): Promise<Undone[]> {
  const { rows } = await connection.query<Undone & { held: boolean }>({
    text: `WITH held AS (
        SELECT r.epoch_ref, r.seq, r.at, r.flags & 256 = 0 AND r.outcome = 0 AS counts
        FROM attendance.undos_waiting w JOIN attendance.attendance_records r ON r.epoch_ref = w.epoch_ref AND r.seq = w.seq
        ORDER BY r.epoch_ref, r.seq FOR UPDATE OF r),
      gone AS (DELETE FROM attendance.undos_waiting w USING held h WHERE w.epoch_ref = h.epoch_ref AND w.seq = h.seq)
      UPDATE attendance.attendance_records r SET flags = r.flags | 256 FROM held h
      WHERE r.epoch_ref = h.epoch_ref AND r.seq = h.seq AND r.at = h.at AND h.counts
      RETURNING r.epoch_ref, r.seq, r.participant_ref, r.event_ref`,
  })
  return rows
}

async function takeFromSums(connection: Connection, { epoch_ref, seq }: Undone, writer: number): Promise<void> {
  await connection.query({
    text: `WITH u AS (SELECT *, (direction = 0)::int AS entry, (direction = 1)::int AS exit,
        date_trunc('minute', at, 'UTC') AS minute
        FROM attendance.attendance_records WHERE epoch_ref = $1 AND seq = $2),
      hours AS (UPDATE stats.attendance_hourly_stats t SET count = count - entry, exits = exits - exit,
          ble_auto = ble_auto - (CASE WHEN method = 0 THEN entry ELSE 0 END), qr_scan = qr_scan - (CASE WHEN method = 1 THEN entry ELSE 0 END),
          manual = manual - (CASE WHEN method = 2 THEN entry ELSE 0 END),
          took_us = t.took_us - coalesce(u.took_us, 0), took_count = took_count - (u.took_us IS NOT NULL)::int
        FROM u WHERE t.gate_ref = u.gate_ref AND t.event_ref = u.event_ref AND t.date = (at AT TIME ZONE 'UTC')::date
          AND t.hour = extract(hour FROM at AT TIME ZONE 'UTC')),
      minutes AS (INSERT INTO stats.minutes AS t (event_ref, minute, writer, entries, exits)
        SELECT event_ref, minute, $3::int2, -entry, -exit FROM u
        ON CONFLICT (event_ref, minute, writer) DO UPDATE SET entries = t.entries + excluded.entries, exits = t.exits + excluded.exits)
      INSERT INTO stats.events AS t (event_ref, writer, entries, exits, duplicates, double_entries, flagged)
        SELECT event_ref, $3::int2, -entry, -exit, -(flags & 1), -((flags & 2) / 2), -(flags & 31 <> 0)::int FROM u
        ON CONFLICT (event_ref, writer) DO UPDATE SET entries = t.entries + excluded.entries, exits = t.exits + excluded.exits,
          duplicates = t.duplicates + excluded.duplicates, double_entries = t.double_entries + excluded.double_entries,
          flagged = t.flagged + excluded.flagged, updated_at = now()`,
    values: [epoch_ref, seq, writer],
  })
}

/** A fold has no way back: the person's presence is made anew from the facts that still count. */
async function foldAgain(
  connection: Connection,
  eventRef: number,
  participantRef: number,
  writer: number,
): Promise<void> {
  const keys = [eventRef, participantRef]
  await connection.query({
    text: 'SELECT FROM attendance.presence WHERE event_ref = $1 AND participant_ref = $2 FOR UPDATE',
    values: keys,
  })
  await connection.query({
    text: `WITH mine AS (
        SELECT r.at, r.direction, r.gate_ref, ((r.at AT TIME ZONE e.time_zone)::date - date '1970-01-01') AS day
        FROM attendance.attendance_records r JOIN events.events e ON e.ref = r.event_ref
        WHERE r.event_ref = $1 AND r.participant_ref = $2 AND r.outcome = 0 AND r.flags & 256 = 0),
      days AS (SELECT day, count(*)::int AS n FROM mine WHERE direction = 0 GROUP BY day),
      total AS (SELECT coalesce(sum(n), 0)::int AS entries, max(day) AS day FROM days),
      last AS (SELECT m.at, m.gate_ref, m.direction, g.zone FROM mine m JOIN gates.gates g ON g.ref = m.gate_ref
        ORDER BY m.at DESC, m.gate_ref DESC LIMIT 1),
      made AS (
        UPDATE attendance.presence p SET entries = t.entries, was_inside = p.inside,
          inside = coalesce((SELECT direction = 0 FROM last), false),
          last_at = coalesce((SELECT at FROM last), p.last_at), last_gate_ref = coalesce((SELECT gate_ref FROM last), p.last_gate_ref),
          last_direction = coalesce((SELECT direction FROM last), 1), zone = (SELECT zone FROM last),
          first_at = (SELECT min(at) FROM mine WHERE direction = 0), day = t.day,
          day_entries = coalesce((SELECT n FROM days WHERE days.day = t.day), 0),
          days = (SELECT jsonb_object_agg(attendance.day_name(d.day), d.n) FROM days d WHERE d.day < t.day)
        FROM total t, attendance.presence before
        WHERE p.event_ref = $1 AND p.participant_ref = $2 AND before.event_ref = $1 AND before.participant_ref = $2
        RETURNING p.event_ref, p.participant_ref, p.last_gate_ref, (p.entries > 0)::int - (before.entries > 0)::int AS attended,
          p.inside::int - p.was_inside::int AS inside),
      changed AS (INSERT INTO attendance.presence_pending (event_refs, participant_refs, gate_refs)
        SELECT ARRAY[event_ref], ARRAY[participant_ref], ARRAY[last_gate_ref] FROM made)
      INSERT INTO stats.events AS t (event_ref, writer, attended, inside) SELECT event_ref, $3::int2, attended, inside FROM made
        ON CONFLICT (event_ref, writer) DO UPDATE SET attended = t.attended + excluded.attended, inside = t.inside + excluded.inside`,
    values: [...keys, writer],
  })
}
