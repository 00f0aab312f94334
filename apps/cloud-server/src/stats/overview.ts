/**
 * Reads the numbers of an event: a handful of statements over the rollups, one round of them per answer. What costs more than a
 * look at a rollup (people registered, different people per gate, records of the last minutes) is read less often.
 */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { Pool } from 'pg'
import { type GateActivity, type GateRow, gateNumbers, type Heads } from './gate-numbers.ts'
import { createHeadTimes } from './head-times.ts'
import { MINUTE_MS, percent, perMinute, trendOf, WINDOW_MIN } from './numbers.ts'
import type { Denials, Hour, Minute, Overview, Totals } from './overview-types.ts'
import { createRefreshed } from './refreshed.ts'

export interface Overviews {
  /** Undefined when the event is not one of the organization. */
  read(org: OrgId, event: EventId): Promise<Overview | undefined>
  /** Changes with everything that ingest or the gates' connections change; cheap. */
  revision(event: EventId): Promise<string>
}

interface EventRow {
  readonly ref: number
  readonly name: string
  readonly time_zone: string
  readonly starts_at: Date | null
  readonly ends_at: Date | null
  readonly capacity: number | null
}

interface SumsRow {
  readonly attended: number
  readonly inside: number
  readonly entries: number
  readonly exits: number
  readonly denied: number
  readonly asked: number
  readonly double_entries: number
  readonly last_at: Date | null
}

const MINUTES_SHOWN = 180
const HOURS_SHOWN = 48
/** A gate with more records than this in five minutes is full beyond doubt. */
const RECENT_AT_MOST = 20_000
const NO_SUMS: SumsRow = {
  attended: 0,
  inside: 0,
  entries: 0,
  exits: 0,
  denied: 0,
  asked: 0,
  double_entries: 0,
  last_at: null,
}
const IDLE: GateActivity = { recent: 0, unique: 0, parked: 0 }

export function createOverviews({ pool, clock }: { pool: Pool; clock: Clock }): Overviews {
  const headTimes = createHeadTimes(clock)
  const registered = createRefreshed(clock, 3_000, (ref: number) => countRegistered(pool, ref))
  const activity = createRefreshed(clock, 2_000, (ref: number) => readActivity(pool, ref, clock.now()))
  const uniques = createRefreshed(clock, 10_000, (ref: number) => readUniques(pool, ref))

  async function read(org: OrgId, id: EventId): Promise<Overview | undefined> {
    const event = await readEvent(pool, org, id)
    if (!event) return undefined
    const now = clock.now()
    const [sums, participants, denials, minutes, hours, heads, rows, active, unique] = await Promise.all([
      readSums(pool, event.ref),
      registered(event.ref),
      readDenials(pool, event.ref),
      readMinutes(pool, event.ref, now),
      readHours(pool, event.ref, now),
      readHeads(pool, id),
      readGates(pool, event, now),
      activity(event.ref),
      uniques(event.ref),
    ])
    headTimes.note(id, heads.roster)
    return {
      event: eventOf(id, event),
      at: now,
      totals: totalsOf(sums, participants, minutes, now),
      denials,
      gates: rows.map((row) => {
        const known = { ...IDLE, ...active.get(row.id), unique: unique.get(row.id) ?? 0 }
        return gateNumbers(row, known, heads, id, (cursor) => headTimes.after(id, cursor))
      }),
      hours,
      minutes,
    }
  }

  async function revision(event: EventId): Promise<string> {
    const { rows } = await pool.query<{ revision: string }>(
      `select concat_ws('/',
         (select sum(entries + exits + denied + asked + flagged + attended) from stats.events where event_ref = e.ref),
         (select max(updated_at) from stats.events where event_ref = e.ref),
         (select max(updated_at) || ' ' || coalesce(max(online_changed_at)::text, '') from gates.gates where event = e.id),
         (select string_agg(head::text, '-' order by feed) from roster.heads where event = e.id)) as revision
       from events.events e where e.id = $1`,
      [event],
    )
    return rows[0]?.revision ?? ''
  }

  return { read, revision }
}

function eventOf(id: EventId, row: EventRow): Overview['event'] {
  return {
    id,
    name: row.name,
    timeZone: row.time_zone,
    startsAt: row.starts_at?.getTime() ?? null,
    endsAt: row.ends_at?.getTime() ?? null,
    capacity: row.capacity,
  }
}

function totalsOf(sums: SumsRow, participants: number, minutes: readonly Minute[], now: number): Totals {
  return {
    participants,
    arrived: sums.attended,
    rate: percent(sums.attended, participants),
    inside: sums.inside,
    entries: sums.entries,
    exits: sums.exits,
    denied: sums.denied,
    asked: sums.asked,
    doubleEntries: sums.double_entries,
    perMinute: perMinute(minutes, now),
    trend: trendOf(minutes, now),
    lastAt: sums.last_at?.getTime() ?? null,
  }
}

async function readEvent(pool: Pool, org: OrgId, id: EventId): Promise<EventRow | undefined> {
  const { rows } = await pool.query<EventRow>(
    'select ref, name, time_zone, starts_at, ends_at, capacity from events.events where org = $1 and id = $2',
    [org, id],
  )
  return rows[0]
}

async function countRegistered(pool: Pool, ref: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from roster.participants p join events.events e on e.id = p.event where e.ref = $1 and p.status = 'active'`,
    [ref],
  )
  return rows[0]?.count ?? 0
}

async function readSums(pool: Pool, ref: number): Promise<SumsRow> {
  const { rows } = await pool.query<SumsRow>(
    `select coalesce(sum(attended), 0)::int as attended, coalesce(sum(inside), 0)::int as inside, coalesce(sum(entries), 0)::int as entries,
       coalesce(sum(exits), 0)::int as exits, coalesce(sum(denied), 0)::int as denied, coalesce(sum(asked), 0)::int as asked,
       coalesce(sum(double_entries), 0)::int as double_entries, max(last_at) as last_at
     from stats.events where event_ref = $1`,
    [ref],
  )
  return rows[0] ?? NO_SUMS
}

async function readDenials(pool: Pool, ref: number): Promise<readonly Denials[]> {
  const { rows } = await pool.query<Denials>(
    'select reason, sum(count)::int as count from stats.reasons where event_ref = $1 and outcome = 1 group by reason having sum(count) > 0 order by 2 desc, 1 limit 50',
    [ref],
  )
  return rows
}

async function readMinutes(pool: Pool, ref: number, now: number): Promise<readonly Minute[]> {
  const { rows } = await pool.query<{ minute: Date; entries: number; exits: number }>(
    `select minute, sum(entries)::int as entries, sum(exits)::int as exits from stats.minutes
     where event_ref = $1 and minute > $2 and minute <= $3 group by minute having sum(entries) + sum(exits) > 0 order by minute`,
    [ref, new Date(now - MINUTES_SHOWN * MINUTE_MS), new Date(now + MINUTE_MS)],
  )
  return rows.map(({ minute, entries, exits }) => ({ at: minute.getTime(), entries, exits }))
}

async function readHours(pool: Pool, ref: number, now: number): Promise<readonly Hour[]> {
  const { rows } = await pool.query<{
    at: Date
    total: number
    ble_auto: number
    qr_scan: number
    manual: number
    by_gate: Record<string, number>
  }>(
    `select (h.date + make_interval(hours => h.hour)) at time zone 'UTC' as at, sum(h.count)::int as total, sum(h.ble_auto)::int as ble_auto,
       sum(h.qr_scan)::int as qr_scan, sum(h.manual)::int as manual, jsonb_object_agg(g.id, h.count) as by_gate
     from stats.attendance_hourly_stats h join gates.gates g on g.ref = h.gate_ref
     where h.event_ref = $1 and h.date >= $2::date group by h.date, h.hour order by h.date desc, h.hour desc limit ${HOURS_SHOWN}`,
    [ref, new Date(now - (HOURS_SHOWN + 24) * 60 * MINUTE_MS).toISOString().slice(0, 10)],
  )
  return rows
    .map(({ at, total, ble_auto, qr_scan, manual, by_gate }) => ({
      at: at.getTime(),
      total,
      byMethod: { ble_auto, qr_scan, manual },
      byGate: by_gate,
    }))
    .reverse()
}

async function readHeads(pool: Pool, event: EventId): Promise<Heads> {
  const { rows } = await pool.query<{ feed: string; head: number; root: string | null }>(
    'select feed, head, root from roster.heads where event = $1',
    [event],
  )
  const feed = (name: string) => rows.find((row) => row.feed === name)
  return {
    roster: feed('roster')?.head ?? 0,
    presence: feed('presence')?.head ?? 0,
    root: feed('roster')?.root ?? null,
  }
}

/** "Today" begins at midnight in the event's zone, to the hour: the rollups know hours. */
async function readGates(pool: Pool, event: EventRow, now: number): Promise<readonly GateRow[]> {
  const { rows } = await pool.query<GateRow>(
    `select g.id, g.name, g.zone, g.lane, g.direction, g.capacity_per_minute, g.online, g.online_changed_at, g.last_seen_at, g.revoked_at, g.last_status,
       coalesce(s.count, 0) as count, coalesce(s.exits, 0) as exits, coalesce(s.ble_auto, 0) as ble_auto, coalesce(s.qr_scan, 0) as qr_scan,
       coalesce(s.manual, 0) as manual, coalesce(s.denied, 0) as denied, coalesce(s.asked, 0) as asked,
       coalesce(s.took_us, 0) as took_us, coalesce(s.took_count, 0) as took_count, s.last_at,
       (select coalesce(sum(h.count), 0)::int from stats.attendance_hourly_stats h where h.gate_ref = g.ref and h.event_ref = e.ref
         and h.date >= (day.begins at time zone 'UTC')::date
         and (h.date + make_interval(hours => h.hour)) at time zone 'UTC' >= day.begins) as today
     from events.events e
       cross join lateral (select date_trunc('day', $2::timestamptz at time zone $3) at time zone $3 as begins) day
       join gates.gates g on g.event = e.id
       left join stats.gates s on s.gate_ref = g.ref and s.event_ref = e.ref
     where e.ref = $1 order by g.name, g.id limit 1000`,
    [event.ref, new Date(now), event.time_zone],
  )
  return rows
}

async function readActivity(pool: Pool, ref: number, now: number): Promise<ReadonlyMap<GateId, GateActivity>> {
  const { rows } = await pool.query<GateActivity & { id: GateId }>(
    `select g.id, recent.count::int as recent, parked.count::int as parked, 0 as "unique"
     from events.events e join gates.gates g on g.event = e.id
       cross join lateral (select count(*) from (select 1 from attendance.attendance_records r
         where r.gate_ref = g.ref and r.at > $2 and r.at <= $3 and r.outcome = 0 limit ${RECENT_AT_MOST}) few) recent
       cross join lateral (select count(*) from attendance.parked_entries p join attendance.epochs ep on ep.ref = p.epoch_ref where ep.gate_ref = g.ref) parked
     where e.ref = $1`,
    [ref, new Date(now - WINDOW_MIN * MINUTE_MS), new Date(now + MINUTE_MS)],
  )
  return new Map(rows.map(({ id, ...activity }) => [id, activity]))
}

async function readUniques(pool: Pool, ref: number): Promise<ReadonlyMap<GateId, number>> {
  const { rows } = await pool.query<{ id: GateId; count: number }>(
    `select g.id, count(distinct r.participant_ref)::int as count
     from events.events e join gates.gates g on g.event = e.id join attendance.attendance_records r on r.gate_ref = g.ref
     where e.ref = $1 and r.event_ref = e.ref and r.outcome = 0 and r.flags & 256 = 0 group by g.id`,
    [ref],
  )
  return new Map(rows.map(({ id, count }) => [id, count]))
}
