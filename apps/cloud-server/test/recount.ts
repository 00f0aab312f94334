/** The statistics as a recount of the facts would give them, beside the ones that were kept: the two have to be equal. */
import type { Connection } from '../src/db/pool.ts'

const ENTRY = 'outcome = 0 AND direction = 0 AND flags & 256 = 0'
const EXIT = 'outcome = 0 AND direction = 1 AND flags & 256 = 0'
const COUNTERS = `count(*) FILTER (WHERE ${ENTRY})::int AS count, count(*) FILTER (WHERE ${ENTRY} AND method = 0)::int AS ble_auto,
  count(*) FILTER (WHERE ${ENTRY} AND method = 1)::int AS qr_scan, count(*) FILTER (WHERE ${ENTRY} AND method = 2)::int AS manual,
  count(*) FILTER (WHERE ${EXIT})::int AS exits, count(*) FILTER (WHERE outcome = 1)::int AS denied, count(*) FILTER (WHERE outcome = 2)::int AS asked,
  coalesce(sum(took_us) FILTER (WHERE flags & 256 = 0), 0)::bigint AS took_us, count(took_us) FILTER (WHERE flags & 256 = 0)::int AS took_count`
const KEPT = 'count, ble_auto, qr_scan, manual, exits, denied, asked, took_us, took_count'

const PAIRS: Readonly<Record<string, readonly [kept: string, recounted: string]>> = {
  hours: [
    `SELECT date::text, hour::int, gate_ref, event_ref, ${KEPT} FROM stats.attendance_hourly_stats ORDER BY 1, 2, 3, 4`,
    `SELECT (at AT TIME ZONE 'UTC')::date::text AS date, extract(hour FROM at AT TIME ZONE 'UTC')::int AS hour, gate_ref, event_ref, ${COUNTERS}
      FROM attendance.attendance_records GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
  gates: [
    `SELECT gate_ref, event_ref, ${KEPT} FROM stats.gates ORDER BY 1, 2`,
    `SELECT gate_ref, event_ref, ${COUNTERS} FROM attendance.attendance_records GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
  minutes: [
    `SELECT event_ref, minute, sum(entries)::int AS entries, sum(exits)::int AS exits, sum(denied)::int AS denied, sum(asked)::int AS asked
      FROM stats.minutes GROUP BY 1, 2 ORDER BY 1, 2`,
    `SELECT event_ref, date_trunc('minute', at, 'UTC') AS minute, count(*) FILTER (WHERE ${ENTRY})::int AS entries,
      count(*) FILTER (WHERE ${EXIT})::int AS exits, count(*) FILTER (WHERE outcome = 1)::int AS denied, count(*) FILTER (WHERE outcome = 2)::int AS asked
      FROM attendance.attendance_records GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
  events: [
    `SELECT event_ref, sum(attended)::int AS attended, sum(inside)::int AS inside, sum(entries)::int AS entries, sum(exits)::int AS exits, sum(denied)::int AS denied,
      sum(asked)::int AS asked, sum(duplicates)::int AS duplicates, sum(double_entries)::int AS double_entries, sum(flagged)::int AS flagged
      FROM stats.events GROUP BY 1 ORDER BY 1`,
    `SELECT event_ref, count(DISTINCT participant_ref) FILTER (WHERE ${ENTRY})::int AS attended,
      (SELECT count(*) FROM attendance.presence p WHERE p.event_ref = r.event_ref AND p.inside)::int AS inside,
      count(*) FILTER (WHERE ${ENTRY})::int AS entries, count(*) FILTER (WHERE ${EXIT})::int AS exits, count(*) FILTER (WHERE outcome = 1)::int AS denied,
      count(*) FILTER (WHERE outcome = 2)::int AS asked, count(*) FILTER (WHERE flags & 257 = 1)::int AS duplicates,
      count(*) FILTER (WHERE flags & 258 = 2)::int AS double_entries, count(*) FILTER (WHERE flags & 31 <> 0 AND flags & 256 = 0)::int AS flagged
      FROM attendance.attendance_records r GROUP BY 1 ORDER BY 1`,
  ],
  presence: [
    `SELECT event_ref, participant_ref, entries, inside, last_at, first_at, last_direction FROM attendance.presence ORDER BY 1, 2`,
    `SELECT event_ref, participant_ref, count(*) FILTER (WHERE ${ENTRY})::int AS entries,
      coalesce((array_agg(direction ORDER BY at DESC, gate_ref DESC) FILTER (WHERE flags & 256 = 0))[1] = 0, false) AS inside,
      coalesce(max(at) FILTER (WHERE flags & 256 = 0), max(at)) AS last_at, min(at) FILTER (WHERE ${ENTRY}) AS first_at,
      coalesce((array_agg(direction ORDER BY at DESC, gate_ref DESC) FILTER (WHERE flags & 256 = 0))[1], 1) AS last_direction
      FROM attendance.attendance_records WHERE outcome = 0 AND participant_ref IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
}

export type Tables = Readonly<Record<string, readonly unknown[]>>

export async function recount(connection: Connection): Promise<{ kept: Tables; recounted: Tables }> {
  const kept: Record<string, unknown[]> = {}
  const recounted: Record<string, unknown[]> = {}
  for (const [name, [keptSql, recountSql]] of Object.entries(PAIRS)) {
    kept[name] = (await connection.query({ text: keptSql })).rows
    recounted[name] = (await connection.query({ text: recountSql })).rows
  }
  return { kept, recounted }
}
