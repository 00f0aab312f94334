/**
 * The gates as the organizer sees and changes them: name, place, direction, whether they are in use. Their identity (keys,
 * certificate, connection) belongs to the authority and the broker; revoking is final.
 */
import type { EventId, GateId, GateRule, OrgId } from '@gatehouse/domain'
import type { Pool } from 'pg'
import { inTransaction } from '../db/pool.ts'
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

interface GateRow {
  readonly id: GateId
  readonly event: EventId | null
  readonly name: string
  readonly zone: string | null
  readonly lane: string
  readonly direction: GateView['direction']
  readonly capacity_per_minute: number
  readonly status: 'active' | 'inactive'
  readonly revoked_at: Date | null
  readonly rule: GateRule
  readonly created_at: Date
}

const COLUMNS = 'id, event, name, zone, lane, direction, capacity_per_minute, status, revoked_at, rule, created_at'

export function createGates({ pool, newId }: { pool: Pool; newId: () => string }): Gates {
  async function create(org: OrgId, event: EventId, wanted: WantedGate): Promise<GateView | undefined> {
    return inTransaction(pool, async (client) => {
      const { rows } = await client.query<GateRow>(
        `insert into gates.gates (id, org, event, name, zone, lane, direction, capacity_per_minute, rule)
         select $1, e.org, e.id, $4, $5, $6, $7, $8, $9 from events.events e where e.org = $2 and e.id = $3 returning ${COLUMNS}`,
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
      if (gate) await refuseLargeRules(client, event)
      if (gate) await writeOutbox(client, { kind: 'gate.created', org, event, payload: { gate: gate.id } })
      return gate
    })
  }

  async function update(
    org: OrgId,
    id: GateId,
    columns: Readonly<Record<string, unknown>>,
    kind: 'gate.changed' | 'gate.revoked',
  ) {
    const given = Object.entries(columns).filter(([, value]) => value !== undefined)
    const sets = [...given.map(([column], index) => `${column} = $${index + 3}`), 'updated_at = now()']
    return inTransaction(pool, async (client) => {
      const { rows } = await client.query<GateRow>(
        `update gates.gates set ${sets.join(', ')} where org = $1 and id = $2 returning ${COLUMNS}`,
        [org, id, ...given.map(([, value]) => value)],
      )
      const gate = rows[0] && viewOf(rows[0])
      if (gate?.event) await refuseLargeRules(client, gate.event)
      if (gate) await writeOutbox(client, { kind, org, event: gate.event, payload: { gate: id } })
      return gate
    })
  }

  return {
    create,
    async get(org, id) {
      const { rows } = await pool.query<GateRow>(`select ${COLUMNS} from gates.gates where org = $1 and id = $2`, [
        org,
        id,
      ])
      return rows[0] && viewOf(rows[0])
    },
    change: (org, id, wanted) => update(org, id, columnsOf(wanted), 'gate.changed'),
    revoke: (org, id) => update(org, id, { status: 'inactive', revoked_at: new Date() }, 'gate.revoked'),
  }
}

function columnsOf(wanted: Partial<WantedGate>): Record<string, unknown> {
  return {
    name: wanted.name,
    zone: wanted.zone,
    lane: wanted.lane,
    direction: wanted.direction,
    capacity_per_minute: wanted.capacityPerMinute,
    status: wanted.active === undefined ? undefined : wanted.active ? 'active' : 'inactive',
    rule: wanted.rule === undefined ? undefined : JSON.stringify(wanted.rule),
  }
}

function viewOf(row: GateRow): GateView {
  return {
    id: row.id,
    event: row.event,
    name: row.name,
    zone: row.zone,
    lane: row.lane,
    direction: row.direction,
    capacityPerMinute: row.capacity_per_minute,
    active: row.status === 'active',
    revoked: row.revoked_at !== null,
    rule: row.rule,
    createdAt: row.created_at.getTime(),
  }
}
