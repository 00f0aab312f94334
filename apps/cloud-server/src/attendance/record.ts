/**
 * Judges requests to record attendance [R-A2] and writes the accepted ones. People, gates and hours are looked up once for the whole list;
 * the last check, the one for duplicates, belongs to the statement that writes, because only that sees what others write meanwhile.
 */
import {
  type EventId,
  type EventRules,
  type GateId,
  judgeRequest,
  type OrgId,
  type ParticipantId,
  type ParticipantStatus,
  type Via,
} from '@gatehouse/domain'
import type { Pool } from 'pg'
import type {
  AttendanceRequest,
  Recorded,
  RecordRequests,
  RecordToWrite,
  Refusal,
  WriteRecords,
  Written,
} from './ports.ts'

interface PersonRow {
  readonly id: ParticipantId
  readonly event: EventId
  readonly status: ParticipantStatus
  readonly starts_at: Date | null
  readonly ends_at: Date | null
  readonly grace_sec: number
  readonly duplicate_window_sec: number
}

interface GateRow {
  readonly id: GateId
  readonly event: EventId | null
  readonly isActive: boolean
}

const methods: Readonly<Record<Via, RecordToWrite['method']>> = { ble: 'ble_auto', qr: 'qr_scan', manual: 'manual' }

export function createRecord({ pool, write }: { pool: Pool; write: WriteRecords }): RecordRequests {
  async function people(org: OrgId, ids: readonly ParticipantId[]): Promise<ReadonlyMap<ParticipantId, PersonRow>> {
    const { rows } = await pool.query<PersonRow>(
      `select p.id, p.event, p.status, e.starts_at, e.ends_at, e.grace_sec, e.duplicate_window_sec
       from roster.participants p join events.events e on e.id = p.event where e.org = $1 and p.id = any($2)`,
      [org, [...new Set(ids)]],
    )
    return new Map(rows.map((row) => [row.id, row]))
  }

  async function gates(org: OrgId, ids: readonly GateId[]): Promise<ReadonlyMap<GateId, GateRow>> {
    const { rows } = await pool.query<GateRow>(
      `select id, event, status = 'active' and revoked_at is null as "isActive" from gates.gates where org = $1 and id = any($2)`,
      [org, [...new Set(ids)]],
    )
    return new Map(rows.map((row) => [row.id, row]))
  }

  return async (org, requests) => {
    const [persons, places] = await Promise.all([
      people(
        org,
        requests.map(({ participant }) => participant),
      ),
      gates(
        org,
        requests.map(({ gate }) => gate),
      ),
    ])
    const judged = requests.map((request) => judge(request, persons.get(request.participant), places.get(request.gate)))
    const toWrite = judged.filter((one) => typeof one !== 'string')
    const written = toWrite.length > 0 ? await write(org, toWrite) : []
    let next = 0
    return judged.map(
      (one): Recorded => (typeof one === 'string' ? { ok: false, why: one } : answerFor(one, written[next++])),
    )
  }
}

/** Everything but the duplicate: the record to write, or why not. A gate of another event is no gate for this participant. */
function judge(
  request: AttendanceRequest,
  person: PersonRow | undefined,
  place: GateRow | undefined,
): RecordToWrite | Refusal {
  const gate = place && person && place.event === person.event ? place : undefined
  const verdict = judgeRequest({ at: request.at, participant: person, gate, rules: person ? rulesOf(person) : {} })
  if (!verdict.ok) return refusals[verdict.code]
  if (!person) throw new Error('judged without a person')
  const { at, direction, location, deviceInfo, staff, override } = request
  return {
    event: person.event,
    gate: request.gate,
    participant: request.participant,
    at,
    method: methods[request.via],
    direction,
    // Staff who override say that they know.
    duplicateWindowMs: override ? 0 : person.duplicate_window_sec * 1000,
    ...(location === undefined ? {} : { location }),
    ...(deviceInfo === undefined ? {} : { deviceInfo }),
    ...(staff === undefined ? {} : { staff }),
    ...(override === undefined ? {} : { override }),
  }
}

const refusals = {
  'participant-not-found': 'participant-unknown',
  'participant-not-active': 'participant-not-active',
  'gate-not-found': 'gate-not-found',
  'gate-not-active': 'gate-not-found',
  'outside-hours': 'outside-event',
  duplicate: 'duplicate',
} as const satisfies Record<string, Refusal>

function rulesOf(row: PersonRow): Pick<EventRules, 'startsAt' | 'endsAt' | 'graceSec' | 'duplicateWindowSec'> {
  return {
    ...(row.starts_at ? { startsAt: row.starts_at.getTime() } : {}),
    ...(row.ends_at ? { endsAt: row.ends_at.getTime() } : {}),
    graceSec: row.grace_sec,
    duplicateWindowSec: row.duplicate_window_sec,
  }
}

function answerFor(record: RecordToWrite, written: Written | undefined): Recorded {
  if (!written) throw new Error('a record was not answered')
  if (written.duplicateOf) return { ok: false, why: 'duplicate', earlier: written.duplicateOf }
  const { event, participant, gate, at, method } = record
  return {
    ok: true,
    record: { id: written.id, event, participant, gate, at, via: vias[method], createdAt: written.createdAt },
  }
}

const vias: Readonly<Record<RecordToWrite['method'], Via>> = { ble_auto: 'ble', qr_scan: 'qr', manual: 'manual' }
