/**
 * Which of these records repeat one that is held, or one before them in the same list: same person, same gate, same direction, nearer
 * than the event's window.
 */
import type { RecordToWrite } from '../attendance/ports.ts'
import type { Connection } from '../db/pool.ts'

export interface Duplicate {
  /** The nearest record that is held. */
  readonly held?: { readonly id: string; readonly at: number }
  /** Index of an earlier one of the list. */
  readonly sameAs?: number
}

const QUERY = `
  SELECT w.nth::int, attendance.record_id(r.epoch_ref, r.seq) AS id, r.at
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int[], $5::int2[]) WITH ORDINALITY AS w (gate, participant, at, window_ms, direction, nth)
    JOIN gates.gates g ON g.id = w.gate
    JOIN roster.participants p ON p.id = w.participant
    CROSS JOIN LATERAL (SELECT r.epoch_ref, r.seq, r.at FROM attendance.attendance_records r
      WHERE r.participant_ref = p.ref AND r.gate_ref = g.ref AND r.outcome = 0 AND r.direction = w.direction AND r.flags & 256 = 0
        AND r.at > w.at - make_interval(secs => w.window_ms / 1000.0) AND r.at < w.at + make_interval(secs => w.window_ms / 1000.0)
      ORDER BY abs(extract(epoch FROM r.at - w.at)) LIMIT 1) r`

/** One answer per record, in order. */
export async function findDuplicates(
  connection: Connection,
  records: readonly RecordToWrite[],
): Promise<readonly Duplicate[]> {
  const { rows } = await connection.query<{ nth: number; id: string; at: Date }>({
    name: 'request-duplicates',
    text: QUERY,
    values: [
      records.map(({ gate }) => gate),
      records.map(({ participant }) => participant),
      records.map(({ at }) => new Date(at)),
      records.map(({ duplicateWindowMs }) => duplicateWindowMs),
      records.map(({ direction }) => (direction === 'entry' ? 0 : 1)),
    ],
  })
  const held = new Map(rows.map(({ nth, id, at }) => [nth - 1, { id, at: at.getTime() }]))
  const taken = new Map<string, number[]>()
  return records.map((record, index) => {
    const before = held.get(index)
    if (before) return { held: before }
    const key = `${record.gate}/${record.participant}/${record.direction}`
    const others = taken.get(key) ?? []
    const sameAs = others.find((other) => Math.abs((records[other]?.at ?? 0) - record.at) < record.duplicateWindowMs)
    if (sameAs !== undefined) return { sameAs }
    taken.set(key, [...others, index])
    return {}
  })
}
