/**
 * A venue in a database, for tests and benches: one organization, events, gates and participants with ids that follow from their
 * numbers. Rows are made by the database itself, so that two hundred thousand people take seconds.
 */
import type { EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import pg from 'pg'

export interface Venue {
  readonly org: OrgId
  readonly events: readonly EventId[]
  /** Gate n belongs to event n mod events. */
  readonly gates: readonly GateId[]
  /** Person n belongs to event n mod events. */
  readonly people: readonly ParticipantId[]
}

export interface VenuePlan {
  readonly events: number
  readonly gates: number
  readonly people: number
  /** Unix ms; the events last three days from here. */
  readonly startsAt: number
}

const id = (kind: string, n: number) => `${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
export const eventIdOf = (n: number) => id('0e000000', n) as EventId
export const gateIdOf = (n: number) => id('0a000000', n) as GateId
export const personIdOf = (n: number) => id('0b000000', n) as ParticipantId
/** Pseudonym of person n's QR code. */
export const keyOf = (n: number) => `c0de${n.toString(16).padStart(28, '0')}`
const ORG = id('00000000', 1) as OrgId

export async function makeVenue(url: string, plan: VenuePlan): Promise<Venue> {
  const client = new pg.Client(url)
  await client.connect()
  const sqlId = (kind: string, n: string) => `('${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
  try {
    await client.query('INSERT INTO auth.orgs (id, name) VALUES ($1, $2)', [ORG, 'Venue'])
    await client.query(
      `INSERT INTO events.events (id, org, name, time_zone, starts_at, ends_at, pepper, badge_key)
        SELECT ${sqlId('0e000000', 'n')}, $1, 'Event ' || n, 'Asia/Seoul', to_timestamp($2 / 1000.0), to_timestamp($2 / 1000.0) + interval '3 days',
          sha256('pepper'), sha256('badge') FROM generate_series(0, $3 - 1) n`,
      [ORG, plan.startsAt, plan.events],
    )
    await client.query(
      `INSERT INTO gates.gates (id, org, event, name, zone)
        SELECT ${sqlId('0a000000', 'n')}, $1, ${sqlId('0e000000', `n % ${plan.events}`)}, 'Gate ' || n, 'hall' FROM generate_series(0, $2 - 1) n`,
      [ORG, plan.gates],
    )
    await client.query(
      `INSERT INTO roster.participants (id, event, name, email, ticket_type, zones)
        SELECT ${sqlId('0b000000', 'n')}, ${sqlId('0e000000', `n % ${plan.events}`)}, '김소영 ' || n, 'p' || n || '@example.org', 'standard', '{hall}'
        FROM generate_series(0, $1 - 1) n`,
      [plan.people],
    )
    await client.query(
      `INSERT INTO roster.credentials (id, participant, event, kind, canonical, key)
        SELECT ${sqlId('0c000000', 'n')}, ${sqlId('0b000000', 'n')}, ${sqlId('0e000000', `n % ${plan.events}`)}, 'qr', lpad(to_hex(n), 20, '0'),
          ('c0de' || lpad(to_hex(n), 28, '0'))::uuid FROM generate_series(0, $1 - 1) n`,
      [plan.people],
    )
  } finally {
    await client.end()
  }
  const list = <T>(count: number, of: (n: number) => T) => Array.from({ length: count }, (_, n) => of(n))
  return {
    org: ORG,
    events: list(plan.events, eventIdOf),
    gates: list(plan.gates, gateIdOf),
    people: list(plan.people, personIdOf),
  }
}
