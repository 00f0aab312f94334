/**
 * UUIDs outside, integers inside: what ingest has to know of participants, gates and events before it writes, remembered in memory.
 * Nothing here is state: a reference never changes, and what an organizer may change (hours, zones) is read again after 5 s.
 */
import type { EventId, GateId, ParticipantId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'

export interface KnownEvent {
  readonly ref: number
  readonly org: string
  readonly timeZone: string
  /** The instants between which check-ins belong to the event, grace included. */
  readonly opensAt: number
  readonly closesAt: number
  readonly windowMs: number
  readonly antiPassback: boolean
  /** Local day of an instant, in days since 1970-01-01. */
  dayOf(at: number): number
}

export interface KnownGate {
  readonly ref: number
  readonly event: EventId | null
  readonly zone: string | null
}

export interface KnownPerson {
  readonly ref: number
  /** Of the event they are registered for. */
  readonly eventRef: number
}

export interface Refs {
  participant(id: ParticipantId): KnownPerson | undefined
  event(id: EventId): KnownEvent | undefined
  gate(id: GateId): KnownGate | undefined
}

export interface RefCache extends Refs {
  /** Makes everything that is in the database known; what is not there stays undefined. */
  learn(participants: Iterable<ParticipantId>, events: Iterable<EventId>, gates: Iterable<GateId>): Promise<void>
}

const CHANGEABLE_MS = 5_000
const PARTICIPANTS_AT_MOST = 500_000
const DAYS_AT_MOST = 4_096
const QUARTER_HOUR_MS = 900_000

interface EventRow {
  readonly id: EventId
  readonly ref: number
  readonly org: string
  readonly time_zone: string
  readonly opens_ms: number | null
  readonly closes_ms: number | null
  readonly duplicate_window_sec: number
  readonly anti_passback: boolean
}

export function createRefCache({ connection, clock }: { connection: Connection; clock: Clock }): RefCache {
  const participants = new Map<ParticipantId, KnownPerson>()
  const events = new Map<EventId, KnownEvent & { readAt: number }>()
  const gates = new Map<GateId, KnownGate & { readAt: number }>()
  const isFresh = (known: { readAt: number } | undefined) =>
    known !== undefined && clock.monoMs() - known.readAt < CHANGEABLE_MS

  async function learnParticipants(ids: readonly ParticipantId[]): Promise<void> {
    if (ids.length === 0) return
    const { rows } = await connection.query<KnownPerson & { id: ParticipantId }>({
      name: 'participant-refs',
      text: `SELECT p.id, p.ref, e.ref AS "eventRef" FROM roster.participants p JOIN events.events e ON e.id = p.event
        WHERE p.id = ANY($1::uuid[])`,
      values: [ids],
    })
    if (participants.size + rows.length > PARTICIPANTS_AT_MOST) participants.clear()
    for (const { id, ...person } of rows) participants.set(id, person)
  }

  async function learnEvents(ids: readonly EventId[]): Promise<void> {
    if (ids.length === 0) return
    const { rows } = await connection.query<EventRow>({ name: 'event-refs', text: EVENTS, values: [ids] })
    const readAt = clock.monoMs()
    for (const row of rows) events.set(row.id, { ...knownEvent(row, events.get(row.id)), readAt })
  }

  async function learnGates(ids: readonly GateId[]): Promise<void> {
    if (ids.length === 0) return
    const { rows } = await connection.query<{ id: GateId; ref: number; zone: string | null; event: EventId | null }>({
      name: 'gate-refs',
      text: 'SELECT id, ref, zone, event FROM gates.gates WHERE id = ANY($1::uuid[])',
      values: [ids],
    })
    const readAt = clock.monoMs()
    for (const { id, ...row } of rows) gates.set(id, { ...row, readAt })
  }

  return {
    participant: (id) => participants.get(id),
    event: (id) => events.get(id),
    gate: (id) => gates.get(id),
    async learn(wantedParticipants, wantedEvents, wantedGates) {
      await learnEvents(unique(wantedEvents, (id) => isFresh(events.get(id))))
      await learnGates(unique(wantedGates, (id) => isFresh(gates.get(id))))
      await learnParticipants(unique(wantedParticipants, (id) => participants.has(id)))
    },
  }
}

const EVENTS = `SELECT id, ref, org, time_zone, duplicate_window_sec,
    extract(epoch FROM starts_at - grace_sec * interval '1 second') * 1000 AS opens_ms,
    extract(epoch FROM ends_at + grace_sec * interval '1 second') * 1000 AS closes_ms,
    coalesce((policies->>'antiPassback')::boolean, true) AS anti_passback
  FROM events.events WHERE id = ANY($1::uuid[])`

function unique<Id>(wanted: Iterable<Id>, isKnown: (id: Id) => boolean): Id[] {
  const missing = new Set<Id>()
  for (const id of wanted) if (!isKnown(id)) missing.add(id)
  return [...missing]
}

function knownEvent(row: EventRow, before: KnownEvent | undefined): KnownEvent {
  return {
    ref: row.ref,
    org: row.org,
    timeZone: row.time_zone,
    opensAt: row.opens_ms ?? Number.NEGATIVE_INFINITY,
    closesAt: row.closes_ms ?? Number.POSITIVE_INFINITY,
    windowMs: row.duplicate_window_sec * 1_000,
    antiPassback: row.anti_passback,
    // Its memory is worth keeping: the time zone of an event hardly ever changes.
    dayOf: before?.timeZone === row.time_zone ? before.dayOf : dayIn(row.time_zone),
  }
}

/** Asking Intl costs microseconds, and no zone changes its offset but at a quarter of an hour. */
function dayIn(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const days = new Map<number, number>()
  return (at) => {
    const quarter = Math.floor(at / QUARTER_HOUR_MS)
    const known = days.get(quarter)
    if (known !== undefined) return known
    if (days.size >= DAYS_AT_MOST) days.clear()
    const day = Math.floor(Date.parse(`${format.format(at)}T00:00:00Z`) / 86_400_000)
    days.set(quarter, day)
    return day
  }
}
