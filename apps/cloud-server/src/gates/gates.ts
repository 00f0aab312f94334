/**
 * The gates as the organizer sees and changes them: name, place, direction, whether they are in use. Their identity (keys,
 * certificate, connection) belongs to the authority and the broker; revoking is final.
 */
import type { EventId, GateId, GateRule, OrgId } from '@gatehouse/domain'
import { and, eq } from 'drizzle-orm'
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core'
import type { Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { inTransaction } from '../db/pool.ts'
import { now } from '../db/tables/columns.ts'
import { gates } from '../db/tables/gates.ts'
import { writeOutbox } from '../events/outbox.ts'
import { refuseLargeRules } from '../events/rules-size.ts'

export interface WantedGate {
  readonly name: string
  readonly zone?: string | null
  readonly lane?: string
  readonly direction?: 'entry' | 'exit' | 'both'
  readonly capacityPerMinute?: number
  readonly active?: boolean
  readonly rule?: Omit<GateRule, 'name' | 'zone'>
}

export interface GateView {
  readonly id: GateId
  readonly event: EventId | null
  readonly name: string
  readonly zone: string | null
  readonly lane: string
  readonly direction: 'entry' | 'exit' | 'both'
  readonly capacityPerMinute: number
  readonly active: boolean
  readonly revoked: boolean
  readonly rule: GateRule
  readonly createdAt: number
}

export interface Gates {
  /** Undefined when the event is not one of the organization. */
  create(org: OrgId, event: EventId, wanted: WantedGate): Promise<GateView | undefined>
  get(org: OrgId, id: GateId): Promise<GateView | undefined>
  change(org: OrgId, id: GateId, wanted: Partial<WantedGate>): Promise<GateView | undefined>
  /** Final: the gate's facts stay, it never connects again. */
  revoke(org: OrgId, id: GateId): Promise<GateView | undefined>
}

/** What an organizer sees of a gate; keys, certificate and connection are left to others. */
const COLUMNS = {
  id: gates.id,
  event: gates.event,
  name: gates.name,
  zone: gates.zone,
  lane: gates.lane,
  direction: gates.direction,
  capacityPerMinute: gates.capacityPerMinute,
  status: gates.status,
  revokedAt: gates.revokedAt,
  rule: gates.rule,
  createdAt: gates.createdAt,
}

type GateRow = Pick<typeof gates.$inferSelect, keyof typeof COLUMNS>
type GateColumns = PgUpdateSetSource<typeof gates>

export function createGates({ pool, newId }: { pool: Pool; newId: () => string }): Gates {
  const db = createDrizzle(pool)

  /** By hand: whether the event is the organization's is asked in the same statement, and the builder inserts no part of a row so. */
  async function create(org: OrgId, event: EventId, wanted: WantedGate): Promise<GateView | undefined> {
    return inTransaction(pool, async (client) => {
      const { rows } = await client.query<GateRow>(
        `insert into gates.gates (id, org, event, name, zone, lane, direction, capacity_per_minute, rule)
         select $1, e.org, e.id, $4, $5, $6, $7, $8, $9 from events.events e where e.org = $2 and e.id = $3
         returning id, event, name, zone, lane, direction, capacity_per_minute as "capacityPerMinute", status,
           revoked_at as "revokedAt", rule, created_at as "createdAt"`,
        [
          newId(),
          org,
          event,
          wanted.name,
          wanted.zone ?? null,
          wanted.lane ?? '1',
          wanted.direction ?? 'entry',
          wanted.capacityPerMinute ?? 30,
          JSON.stringify(wanted.rule ?? {}),
        ],
      )
      const gate = rows[0] && viewOf(rows[0])
      if (gate) await refuseLargeRules(createDrizzle(client), event)
      if (gate) await writeOutbox(client, { kind: 'gate.created', org, event, payload: { gate: gate.id } })
      return gate
    })
  }

  async function update(org: OrgId, id: GateId, columns: GateColumns, kind: 'gate.changed' | 'gate.revoked') {
    return inTransaction(pool, async (client) => {
      const tx = createDrizzle(client)
      const changed = tx.update(gates).set({ ...columns, updatedAt: now })
      const [row] = await changed.where(is(org, id)).returning(COLUMNS)
      const gate = row && viewOf(row)
      if (gate?.event) await refuseLargeRules(tx, gate.event)
      if (gate) await writeOutbox(client, { kind, org, event: gate.event, payload: { gate: id } })
      return gate
    })
  }

  return {
    create,
    async get(org, id) {
      const [row] = await db.select(COLUMNS).from(gates).where(is(org, id))
      return row && viewOf(row)
    },
    change: (org, id, wanted) => update(org, id, columnsOf(wanted), 'gate.changed'),
    revoke: (org, id) => update(org, id, { status: 'inactive', revokedAt: new Date() }, 'gate.revoked'),
  }
}

const is = (org: OrgId, id: GateId) => and(eq(gates.org, org), eq(gates.id, id))

function columnsOf({ name, zone, lane, direction, capacityPerMinute, active, rule }: Partial<WantedGate>): GateColumns {
  const status = active === undefined ? undefined : active ? 'active' : 'inactive'
  return { name, zone, lane, direction, capacityPerMinute, status, rule }
}

function viewOf(row: GateRow): GateView {
  return {
    id: row.id,
    event: row.event,
    name: row.name,
    zone: row.zone,
    lane: row.lane,
    direction: row.direction,
    capacityPerMinute: row.capacityPerMinute,
    active: row.status === 'active',
    revoked: row.revokedAt !== null,
    rule: row.rule,
    createdAt: row.createdAt.getTime(),
  }
}
