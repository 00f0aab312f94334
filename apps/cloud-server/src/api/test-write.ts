import type { createPool } from '../db/pool.ts'
import { inTransaction } from '../db/pool.ts'
import type { WriteRecords, Written } from '../attendance/ports.ts'
export function createWriteRecords(pool: ReturnType<typeof createPool>): WriteRecords {
  return (_org, records) =>
    inTransaction(pool, async (client) => {
      const out: Written[] = []
      for (const record of records) {
        await client.query('select pg_advisory_xact_lock(hashtext($1))', [record.gate])
        const { rows: found } = await client.query(
          `select attendance.record_id(r.epoch_ref, r.seq) as id, r.at from attendance.attendance_records r join gates.gates g on g.ref = r.gate_ref join roster.participants p on p.ref = r.participant_ref
           where g.id = $1 and p.id = $2 and abs(extract(epoch from r.at - $3::timestamptz)) < 300 limit 1`,
          [record.gate, record.participant, new Date(record.at)],
        )
        if (found[0]) {
          out.push({ id: '', createdAt: 0, duplicateOf: { id: found[0].id, at: found[0].at.getTime() } })
          continue
        }
        const { rows: ep } = await client.query(
          `insert into attendance.epochs (gate_ref, epoch, requests, through) select ref, gen_random_uuid(), true, 1 from gates.gates where id = $1
           on conflict (gate_ref) where requests do update set through = attendance.epochs.through + 1 returning ref, through`,
          [record.gate],
        )
        const { rows } = await client.query(
          `insert into attendance.attendance_records (at, received_at, seq, digest, epoch_ref, event_ref, gate_ref, participant_ref, method, direction, outcome)
           select $1, now(), $2, gen_random_uuid(), $3, e.ref, g.ref, p.ref, $4, $5, 0 from events.events e, gates.gates g, roster.participants p where e.id = $6 and g.id = $7 and p.id = $8
           returning attendance.record_id(epoch_ref, seq) as id, received_at`,
          [
            new Date(record.at),
            ep[0].through,
            ep[0].ref,
            ['ble_auto', 'qr_scan', 'manual'].indexOf(record.method),
            record.direction === 'entry' ? 0 : 1,
            record.event,
            record.gate,
            record.participant,
          ],
        )
        out.push({ id: rows[0].id, createdAt: rows[0].received_at.getTime() })
      }
      return out
    })
}
