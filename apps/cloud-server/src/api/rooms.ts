/**
 * Everything the routes call, joined once. The composition is here and in main.ts only: a room gets what it needs and knows nothing of
 * the others.
 */
import type { GateId } from '@gatehouse/domain'
import type { Clock, Logger, Metrics } from '@gatehouse/runtime'
import type { RecordRequests } from '../attendance/ports.ts'
import { type Answered, createAnswered } from '../auth/answered.ts'
import { type Auth, createAuth } from '../auth/auth.ts'
import { createSweep } from '../auth/sweep.ts'
import { createEvents, type Events } from '../events/events.ts'
import { createGates, type Gates } from '../gates/gates.ts'
import { createLiveHub, type LiveHub } from '../live/hub.ts'
import { createLiveSource } from '../live/source.ts'
import { type Credentials, createCredentials } from '../roster/credentials.ts'
import { createPeople, type People } from '../roster/people.ts'
import type { TicketKeys } from '../roster/ports.ts'
import { createRegister, type Register } from '../roster/registration.ts'
import { createOverviews, type Overviews } from '../stats/overview.ts'
import { createScans, type Scans } from '../stats/scans.ts'
import { createDesk, type Desk } from './desk.ts'

export interface RoomDeps {
  readonly pool: Parameters<typeof createAuth>[0]['pool']
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly randomBytes: (count: number) => Uint8Array
  /** UUIDs, version 7. */
  readonly newId: () => string
  readonly record: RecordRequests
  readonly ticketKeys: TicketKeys
  /** Makes a gate's keys and certificate and returns its hand-over document. */
  readonly issueHandover: (gate: GateId) => Promise<object>
  /** Cuts the connection of a revoked gate. */
  readonly cutGate?: (gate: GateId) => Promise<void> | void
}

export interface Rooms {
  readonly auth: Auth
  readonly answered: Answered
  readonly events: Events
  readonly people: People
  readonly register: Register
  readonly credentials: Credentials
  readonly gates: Gates
  readonly record: RecordRequests
  readonly overviews: Overviews
  readonly scans: Scans
  readonly desk: Desk
  readonly live: LiveHub
  /** Runs beside the server until its signal is aborted. */
  readonly sweep: { run(signal: AbortSignal): Promise<void> }
  readonly issueHandover: (gate: GateId) => Promise<object>
  readonly cutGate: (gate: GateId) => Promise<void> | void
}

export function createRooms(deps: RoomDeps): Rooms {
  const overviews = createOverviews(deps)
  const scans = createScans(deps)
  const live = createLiveHub({ ...deps, source: createLiveSource({ overviews, scans }) })
  /** What was accepted here shows at once; other processes see it at their next look. */
  const record: RecordRequests = async (org, requests) => {
    const answers = await deps.record(org, requests)
    for (const answer of answers) if (answer.ok) live.wake(answer.record.event)
    return answers
  }
  const events = createEvents(deps)
  const people = createPeople(deps)
  const gates = createGates(deps)
  return {
    auth: createAuth(deps),
    answered: createAnswered(deps),
    events,
    people,
    register: createRegister(deps),
    credentials: createCredentials(deps),
    gates,
    record,
    overviews,
    scans,
    desk: createDesk({ events, people, gates, record, overviews, clock: deps.clock }),
    live,
    sweep: createSweep(deps),
    issueHandover: deps.issueHandover,
    cutGate: deps.cutGate ?? (() => undefined),
  }
}
