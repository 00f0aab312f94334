/**
 * Check-in by staff through the cloud. The same engine as at the gates decides, with the cloud's own roster and presence; what it
 * admits is recorded like any request. A denial is an answer, not an error, and records nothing.
 */
import {
  type Decision,
  type Direction,
  decide,
  type EventId,
  type Facts,
  type GateId,
  type OrgId,
  type ParticipantId,
  type Presence,
  type Reading,
} from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { AttendanceRecord, Recorded, RecordRequests } from '../attendance/ports.ts'
import type { Events, EventView } from '../events/events.ts'
import type { Gates, GateView } from '../gates/gates.ts'
import { asParticipant, type People, type PersonInFull } from '../roster/people.ts'
import type { Overviews } from '../stats/overview.ts'

export interface DeskCheckIn {
  readonly participant: ParticipantId
  readonly gate: GateId
  readonly direction: Direction
  readonly staff: string
  readonly override?: { readonly note: string }
}

export interface DeskAnswer {
  readonly decision: Decision
  readonly person: PersonInFull
  readonly record: AttendanceRecord | null
}

export type Desk = (
  org: OrgId,
  event: EventId,
  wanted: DeskCheckIn,
) => Promise<DeskAnswer | 'no-event' | 'no-participant' | 'no-gate'>

export function createDesk(deps: {
  events: Events
  people: People
  gates: Gates
  overviews: Overviews
  record: RecordRequests
  clock: Clock
}): Desk {
  return async (org, eventId, wanted) => {
    const event = await deps.events.get(org, eventId)
    if (!event) return 'no-event'
    const person = await deps.people.get(org, wanted.participant)
    if (!person || person.eventId !== eventId) return 'no-participant'
    const gate = await deps.gates.get(org, wanted.gate)
    if (!gate || gate.event !== eventId || !gate.active) return 'no-gate'
    const reading = readingOf(eventId, gate, wanted, deps.clock.now())
    const decision = decide(reading, await factsOf(org, event, person))
    if (decision.outcome !== 'admit' || decision.repeated) return { decision, person, record: null }
    const [recorded] = await deps.record(org, [requestOf(wanted, reading.at)])
    if (!recorded) throw new Error('a request was not answered')
    const after = await deps.people.get(org, wanted.participant)
    return { ...outcomeOf(decision, recorded), person: after ?? person }
  }

  async function factsOf(org: OrgId, event: EventView, person: PersonInFull): Promise<Facts> {
    const presence = presenceOf(person)
    const inside = (await deps.overviews.read(org, event.id))?.totals.inside ?? 0
    return {
      rules: event.rules,
      participant: asParticipant(person),
      ...(presence ? { presence } : {}),
      clock: 'synced',
      // The cloud's own tables are the roster: never empty and never behind.
      roster: { cursor: 1, rows: Math.max(1, event.participants) },
      occupancy: { event: inside },
    }
  }
}

function readingOf(
  event: EventId,
  gate: GateView,
  { participant, direction, staff, override }: DeskCheckIn,
  at: number,
): Reading {
  return {
    event,
    gate: gate.id,
    lane: gate.lane,
    direction,
    via: 'manual',
    at,
    presented: { kind: 'participant', id: participant },
    staff,
    ...(override ? { override: { staff, note: override.note } } : {}),
  }
}

function requestOf({ participant, gate, direction, staff, override }: DeskCheckIn, at: number) {
  return {
    participant,
    gate,
    at,
    via: 'manual' as const,
    direction,
    staff,
    deviceInfo: { desk: true },
    ...(override ? { override } : {}),
  }
}

function presenceOf({ id, presence }: PersonInFull): Presence | undefined {
  if (!presence) return undefined
  const { inside, zone, entries, firstAt, lastAt, lastGate, lastDirection } = presence
  return {
    id,
    inside,
    entries,
    lastAt,
    lastGate,
    lastDirection,
    ...(zone === null ? {} : { zone }),
    ...(firstAt === null ? {} : { firstAt }),
  }
}

/** Somebody else may have recorded in between: then the decision is the one that the earlier record makes. */
function outcomeOf(decision: Decision, recorded: Recorded): Pick<DeskAnswer, 'decision' | 'record'> {
  if (recorded.ok) return { decision, record: recorded.record }
  const reason =
    recorded.why === 'duplicate' ? 'duplicate' : recorded.why === 'outside-event' ? 'outside-hours' : 'unknown'
  return { decision: { outcome: 'deny', direction: decision.direction, reason }, record: null }
}
