/**
 * Single facts as the pages list them: the last scans of an event, and who came in twice. Facts are found through their gate's index,
 * so the price depends on the number of gates, not on how many people came.
 */
import type { EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import type { Pool } from 'pg'
import { type Method, type Scan, viaOf } from './overview-types.ts'

export interface Place {
  readonly gate: GateId
  readonly gateName: string
  readonly at: number
}

export interface DoubleEntry {
  readonly id: string
  readonly participant: ParticipantId
  readonly name: string | null
  readonly ticketType: string | null
  readonly first: Place
  readonly second: Place
}

export interface Scans {
  last(org: OrgId, event: EventId, limit: number): Promise<readonly Scan[]>
  doubleEntries(org: OrgId, event: EventId, limit: number): Promise<readonly DoubleEntry[]>
}

type ScanRow = Omit<Scan, 'at' | 'via' | 'offline'> & { readonly at: Date; readonly method: Method }
interface DoubleRow {
  readonly id: string
  readonly participant: ParticipantId
  readonly name: string | null
  readonly ticket_type: string | null
  readonly gate: GateId
  readonly gate_name: string
  readonly at: Date
  readonly other_gate: GateId
  readonly other_name: string
  readonly other_at: Date
}

export function createScans({ pool }: { pool: Pool }): Scans {
  return {
    async last(org, event, limit) {
      const { rows } = await pool.query<ScanRow>(
        `select g.id || '/' || ep.epoch || '/' || r.seq as id, r.at, g.id as gate, g.name as "gateName", r.details->>'lane' as lane,
           (array['entry', 'exit'])[r.direction + 1] as direction, (array['ble_auto', 'qr_scan', 'manual'])[r.method + 1] as method,
           (array['admit', 'deny', 'ask'])[r.outcome + 1] as outcome, r.reason, p.id as participant, p.name, p.ticket_type as "ticketType",
           attendance.flag_names(r.flags) as flags
         from events.events e join gates.gates g on g.event = e.id
           cross join lateral (select * from attendance.attendance_records r where r.gate_ref = g.ref and r.event_ref = e.ref order by r.at desc limit $3) r
           join attendance.epochs ep on ep.ref = r.epoch_ref
           left join roster.participants p on p.ref = r.participant_ref
         where e.org = $1 and e.id = $2 order by r.at desc, r.seq desc limit $3`,
        [org, event, limit],
      )
      return rows.map((row) => ({
        ...row,
        at: row.at.getTime(),
        via: viaOf[row.method],
        offline: row.flags.includes('offline'),
      }))
    },
    async doubleEntries(org, event, limit) {
      const { rows } = await pool.query<DoubleRow>(
        `select attendance.record_id(r.epoch_ref, r.seq) as id, p.id as participant, p.name, p.ticket_type, g.id as gate, g.name as gate_name,
           r.at, other.gate as other_gate, other.name as other_name, other.at as other_at
         from events.events e join attendance.attendance_records r on r.event_ref = e.ref and r.flags & 2 <> 0 and r.outcome = 0
           join gates.gates g on g.ref = r.gate_ref join roster.participants p on p.ref = r.participant_ref
           cross join lateral (select fg.id as gate, fg.name, b.at from attendance.attendance_records b join gates.gates fg on fg.ref = b.gate_ref
             where b.participant_ref = r.participant_ref and b.event_ref = r.event_ref and b.outcome = 0 and b.direction = 0
               and (b.epoch_ref, b.seq) <> (r.epoch_ref, r.seq) order by abs(extract(epoch from r.at - b.at)) limit 1) other
         where e.org = $1 and e.id = $2 order by r.at desc limit $3`,
        [org, event, limit],
      )
      return rows.map(doubleOf)
    },
  }
}

/** The fact that arrived last carries the flag; which of the two came first is a matter of their times. */
function doubleOf(row: DoubleRow): DoubleEntry {
  const flagged: Place = { gate: row.gate, gateName: row.gate_name, at: row.at.getTime() }
  const other: Place = { gate: row.other_gate, gateName: row.other_name, at: row.other_at.getTime() }
  const [first, second] = other.at <= flagged.at ? [other, flagged] : [flagged, other]
  return { id: row.id, participant: row.participant, name: row.name, ticketType: row.ticket_type, first, second }
}
