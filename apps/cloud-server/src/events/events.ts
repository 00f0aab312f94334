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
import { and, desc, eq, sql } from 'drizzle-orm'
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core'
import type { Pool, PoolClient } from 'pg'
import { createDrizzle, type Drizzle } from '../db/drizzle.ts'
import { inTransaction } from '../db/pool.ts'
import { now } from '../db/tables/columns.ts'
import { events } from '../db/tables/events.ts'
import { gates } from '../db/tables/gates.ts'
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
  readonly showNames: boolean
  readonly createdAt: Date
  readonly participants: number
}

const AT_MOST_EVENTS = 500

/** Counting people is bounded by the event's size and asked rarely; the day's numbers come from the rollups instead. */
const COLUMNS = {
  ...RULES_COLUMNS,
  showNames: events.showNames,
  createdAt: events.createdAt,
  participants: sql<number>`(select count(*)::int from roster.participants p where p.event = events.events.id and p.status = 'active')`,
}

export function createEvents(deps: {
  pool: Pool
  clock: Clock
  newId: () => string
  randomBytes: (count: number) => Uint8Array
  ticketKeys: TicketKeys
}): Events {
  const { pool } = deps
  const db = createDrizzle(pool)

  async function get(org: OrgId, id: EventId): Promise<EventView | undefined> {
    const [row] = await db.select(COLUMNS).from(events).where(is(org, id))
    return row && viewOf(row)
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
    const createdAt = new Date(deps.clock.now())
    await inTransaction(pool, async (client) => {
      const tx = createDrizzle(client)
      await tx.insert(events).values({
        id,
        org,
        name: wanted.name,
        pepper: Buffer.from(deps.randomBytes(32)),
        badgeKey: Buffer.from(deps.randomBytes(32)),
        ticketKeys: [ticketKey],
        createdAt,
        updatedAt: createdAt,
      })
      await writeColumns(tx, id, wanted)
      await refuseLargeRules(tx, id)
      await writeOutbox(client, { kind: 'event.created', org, event: id, payload: { id } })
    })
    return reread(org, id)
  }

  async function change(org: OrgId, id: EventId, wanted: Partial<WantedEvent>): Promise<Changed | undefined> {
    const before = await get(org, id)
    if (!before) return undefined
    const after = { ...before, ...wanted }
    if (!isInOrder(after.startsAt, after.endsAt)) return { ok: false, why: 'ends-before-start' }
    const gateRules = Object.entries(wanted.rules?.gates ?? {})
    const isDone = await inTransaction(pool, async (client) => {
      const tx = createDrizzle(client)
      await writeColumns(tx, id, wanted)
      if (after.showNames !== before.showNames) await noteEverybody(client, id, after.showNames ? 1 : 0)
      if (!(await writeGateRules(tx, id, gateRules))) throw new UnknownGate()
      await refuseLargeRules(tx, id)
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
      const ofOrg = db.select(COLUMNS).from(events).where(eq(events.org, org))
      const rows = await ofOrg.orderBy(desc(events.createdAt)).limit(AT_MOST_EVENTS)
      return rows.map(viewOf)
    },
    async exists(org, id) {
      const found = await db.select({ id: events.id }).from(events).where(is(org, id))
      return found.length === 1
    },
  }
}

/** Ends the transaction; it never leaves this room. */
class UnknownGate extends Error {}

const is = (org: OrgId, id: EventId) => and(eq(events.org, org), eq(events.id, id))

/** Writes what is given and leaves the rest as it is. */
async function writeColumns(db: Drizzle, id: EventId, wanted: Partial<WantedEvent>): Promise<void> {
  const { name, timeZone, capacity, showNames, rules } = wanted
  const given: PgUpdateSetSource<typeof events> = {
    name,
    timeZone,
    startsAt: asDate(wanted.startsAt),
    endsAt: asDate(wanted.endsAt),
    capacity,
    showNames,
    graceSec: rules?.graceSec,
    duplicateWindowSec: rules?.duplicateWindowSec,
    repeatWindowSec: rules?.repeatWindowSec,
    zones: rules?.zones,
    policies: rules?.policies,
    ticketTypes: rules?.ticketTypes,
  }
  if (Object.values(given).every((value) => value === undefined)) return
  await db
    .update(events)
    .set({ ...given, updatedAt: now })
    .where(eq(events.id, id))
}

/** With the names on or off every line of the roster is another one. Names that have to leave the gates do so before anything else. */
async function noteEverybody(client: PoolClient, event: EventId, urgency: 0 | 1): Promise<void> {
  await client.query(
    `insert into roster.pending (event, kind, of, urgency) select event, 'participant', id, $2 from roster.participants where event = $1`,
    [event, urgency],
  )
}

/** False when one of the gates is not a gate of this event. */
async function writeGateRules(db: Drizzle, event: EventId, rules: readonly [string, GateRule][]): Promise<boolean> {
  for (const [gate, { name, zone, ...rule }] of rules) {
    const { rowCount } = await db
      .update(gates)
      .set({ rule, name, zone, updatedAt: now })
      .where(and(eq(gates.id, gate as GateId), eq(gates.event, event)))
    if (rowCount !== 1) return false
  }
  return true
}

function viewOf(row: EventRow): EventView {
  const startsAt = row.startsAt?.getTime() ?? null
  const endsAt = row.endsAt?.getTime() ?? null
  return {
    id: row.id,
    name: row.name,
    timeZone: row.timeZone,
    startsAt,
    endsAt,
    capacity: row.capacity,
    showNames: row.showNames,
    rules: rulesOf(row),
    participants: row.participants,
    gates: Object.keys(row.gates).length,
    createdAt: row.createdAt.getTime(),
  }
}

function isInOrder(startsAt: number | null | undefined, endsAt: number | null | undefined): boolean {
  return typeof startsAt !== 'number' || typeof endsAt !== 'number' || startsAt < endsAt
}

function asDate(ms: number | null | undefined): Date | null | undefined {
  return typeof ms === 'number' ? new Date(ms) : ms
}
