/**
 * Events and what the organizer wants of their gates. The rules live in the columns of the event and of its gates; a trigger marks the
 * roster's rules line as changed in the same transaction, so no gate can miss a change that was answered with 200.
 */
import type {
  EventId,
  EventRules,
  GateId,
  GateRule,
  OrgId,
  Policies,
  TicketTypeRule,
  ZoneRule,
} from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../db/pool.ts'
import type { TicketKeys } from '../roster/ports.ts'
import { writeOutbox } from './outbox.ts'
import { RULES_COLUMNS, type RulesRow, rulesOf } from './rules.ts'
import { refuseLargeRules } from './rules-size.ts'

/** The part of the rules that an organizer writes; the rest follows from the event itself. */
export interface WantedRules {
  readonly graceSec?: number
  readonly duplicateWindowSec?: number
  readonly repeatWindowSec?: number
  readonly zones?: readonly ZoneRule[]
  readonly policies?: Policies
  readonly ticketTypes?: Readonly<Record<string, TicketTypeRule>>
  readonly gates?: Readonly<Record<string, GateRule>>
}

export interface WantedEvent {
  readonly name: string
  readonly timeZone?: string
  readonly startsAt?: number | null
  readonly endsAt?: number | null
  readonly capacity?: number | null
  readonly showNames?: boolean
  readonly rules?: WantedRules
}

export interface EventView {
  readonly id: EventId
  readonly name: string
  readonly timeZone: string
  readonly startsAt: number | null
  readonly endsAt: number | null
  readonly capacity: number | null
  readonly showNames: boolean
  readonly rules: EventRules
  readonly participants: number
  readonly gates: number
  readonly createdAt: number
}

export type Changed =
  | { readonly ok: true; readonly event: EventView }
  | { readonly ok: false; readonly why: 'ends-before-start' | 'unknown-gate' }

export interface Events {
  create(org: OrgId, wanted: WantedEvent): Promise<Changed>
  get(org: OrgId, id: EventId): Promise<EventView | undefined>
  list(org: OrgId): Promise<readonly EventView[]>
  change(org: OrgId, id: EventId, wanted: Partial<WantedEvent>): Promise<Changed | undefined>
  exists(org: OrgId, id: EventId): Promise<boolean>
}

interface EventRow extends RulesRow {
  readonly show_names: boolean
  readonly created_at: Date
  readonly participants: number
}

const AT_MOST_EVENTS = 500

/** Counting people is bounded by the event's size and asked rarely; the day's numbers come from the rollups instead. */
const SELECT = `
  select ${RULES_COLUMNS}, e.show_names, e.created_at,
    (select count(*)::int from roster.participants p where p.event = e.id and p.status = 'active') as participants
  from events.events e`

export function createEvents(deps: {
  pool: Pool
  clock: Clock
  newId: () => string
  randomBytes: (count: number) => Uint8Array
  ticketKeys: TicketKeys
}): Events {
  const { pool } = deps

  async function get(org: OrgId, id: EventId): Promise<EventView | undefined> {
    const { rows } = await pool.query<EventRow>(`${SELECT} where e.org = $1 and e.id = $2`, [org, id])
    return rows[0] && viewOf(rows[0])
  }

  async function reread(org: OrgId, id: EventId): Promise<Changed> {
    const event = await get(org, id)
    if (!event) throw new Error('an event that was just written is gone')
    return { ok: true, event }
  }

  async function create(org: OrgId, wanted: WantedEvent): Promise<Changed> {
    if (!isInOrder(wanted.startsAt, wanted.endsAt)) return { ok: false, why: 'ends-before-start' }
    // There is no gate yet that a rule could be about.
    if (Object.keys(wanted.rules?.gates ?? {}).length > 0) return { ok: false, why: 'unknown-gate' }
    const id = deps.newId() as EventId
    const ticketKey = await deps.ticketKeys.ensure(id)
    await inTransaction(pool, async (client) => {
      await client.query(
        `insert into events.events (id, org, name, pepper, badge_key, ticket_keys, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)`,
        [
          id,
          org,
          wanted.name,
          Buffer.from(deps.randomBytes(32)),
          Buffer.from(deps.randomBytes(32)),
          JSON.stringify([ticketKey]),
          new Date(deps.clock.now()),
        ],
      )
      await writeColumns(client, id, wanted)
      await refuseLargeRules(client, id)
      await writeOutbox(client, { kind: 'event.created', org, event: id, payload: { id } })
    })
    return reread(org, id)
  }

  async function change(org: OrgId, id: EventId, wanted: Partial<WantedEvent>): Promise<Changed | undefined> {
    const before = await get(org, id)
    if (!before) return undefined
    const after = { ...before, ...wanted }
    if (!isInOrder(after.startsAt, after.endsAt)) return { ok: false, why: 'ends-before-start' }
    const gates = Object.entries(wanted.rules?.gates ?? {})
    const isDone = await inTransaction(pool, async (client) => {
      await writeColumns(client, id, wanted)
      if (after.showNames !== before.showNames) await noteEverybody(client, id, after.showNames ? 1 : 0)
      if (!(await writeGateRules(client, id, gates))) throw new UnknownGate()
      await refuseLargeRules(client, id)
      await writeOutbox(client, { kind: 'event.changed', org, event: id, payload: { id, fields: Object.keys(wanted) } })
      return true
    }).catch((error: unknown) => {
      if (error instanceof UnknownGate) return false
      throw error
    })
    return isDone ? reread(org, id) : { ok: false, why: 'unknown-gate' }
  }

  return {
    create,
    get,
    change,
    async list(org) {
      const { rows } = await pool.query<EventRow>(
        `${SELECT} where e.org = $1 order by e.created_at desc limit ${AT_MOST_EVENTS}`,
        [org],
      )
      return rows.map(viewOf)
    },
    async exists(org, id) {
      const { rowCount } = await pool.query('select 1 from events.events where org = $1 and id = $2', [org, id])
      return rowCount === 1
    },
  }
}

/** Ends the transaction; it never leaves this room. */
class UnknownGate extends Error {}

/** Writes what is given and leaves the rest as it is. */
async function writeColumns(client: PoolClient, id: EventId, wanted: Partial<WantedEvent>): Promise<void> {
  const columns: Record<string, unknown> = {
    name: wanted.name,
    time_zone: wanted.timeZone,
    starts_at: asDate(wanted.startsAt),
    ends_at: asDate(wanted.endsAt),
    capacity: wanted.capacity,
    show_names: wanted.showNames,
    grace_sec: wanted.rules?.graceSec,
    duplicate_window_sec: wanted.rules?.duplicateWindowSec,
    repeat_window_sec: wanted.rules?.repeatWindowSec,
    zones: asJson(wanted.rules?.zones),
    policies: asJson(wanted.rules?.policies),
    ticket_types: asJson(wanted.rules?.ticketTypes),
  }
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  if (given.length === 0) return
  const sets = given.map(([column], index) => `${column} = $${index + 2}`)
  await client.query(`update events.events set ${sets.join(', ')}, updated_at = now() where id = $1`, [
    id,
    ...given.map(([, value]) => value),
  ])
}

/** With the names on or off every line of the roster is another one. Names that have to leave the gates do so before anything else. */
async function noteEverybody(client: PoolClient, event: EventId, urgency: 0 | 1): Promise<void> {
  await client.query(
    `insert into roster.pending (event, kind, of, urgency) select event, 'participant', id, $2 from roster.participants where event = $1`,
    [event, urgency],
  )
}

/** False when one of the gates is not a gate of this event. */
async function writeGateRules(
  client: PoolClient,
  event: EventId,
  gates: readonly [string, GateRule][],
): Promise<boolean> {
  for (const [gate, { name, zone, ...rule }] of gates) {
    const { rowCount } = await client.query(
      `update gates.gates set rule = $3, name = coalesce($4, name), zone = coalesce($5, zone), updated_at = now()
       where id = $1 and event = $2`,
      [gate as GateId, event, JSON.stringify(rule), name ?? null, zone ?? null],
    )
    if (rowCount !== 1) return false
  }
  return true
}

function viewOf(row: EventRow): EventView {
  const startsAt = row.starts_at?.getTime() ?? null
  const endsAt = row.ends_at?.getTime() ?? null
  return {
    id: row.id,
    name: row.name,
    timeZone: row.time_zone,
    startsAt,
    endsAt,
    capacity: row.capacity,
    showNames: row.show_names,
    rules: rulesOf(row),
    participants: row.participants,
    gates: Object.keys(row.gates).length,
    createdAt: row.created_at.getTime(),
  }
}

function isInOrder(startsAt: number | null | undefined, endsAt: number | null | undefined): boolean {
  return typeof startsAt !== 'number' || typeof endsAt !== 'number' || startsAt < endsAt
}

function asDate(ms: number | null | undefined): Date | null | undefined {
  return typeof ms === 'number' ? new Date(ms) : ms
}

function asJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}
