/** Which gates there are, as the broker asks: one at a time when it connects, and those that changed while they are connected. */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import type { Connection } from '../db/pool.ts'
import type { GateDirectory, GateIdentity } from './ports.ts'

interface Row {
  readonly gate: GateId
  readonly org: OrgId
  readonly event: EventId | null
  readonly cert_serial: string | null
  readonly revoked: boolean
  readonly changed_at: Date
}

const COLUMNS = `id AS gate, org, event, cert_serial, revoked_at IS NOT NULL AS revoked, greatest(updated_at, revoked_at) AS changed_at`

export function createGateDirectory(connection: Connection): GateDirectory {
  let since: Date | undefined
  return {
    async find(gate) {
      const { rows } = await connection.query<Row>({
        name: 'gate-identity',
        text: `SELECT ${COLUMNS} FROM gates.gates WHERE id::text = $1`,
        values: [gate],
      })
      return rows[0] && identityOf(rows[0])
    },
    async changed() {
      // Transactions commit later than they stamp: looking back a little finds those, and seeing one twice changes nothing.
      const { rows } = await connection.query<Row & { now: Date }>({
        name: 'gates-changed',
        text: `SELECT ${COLUMNS}, now() AS now FROM gates.gates
          WHERE greatest(updated_at, revoked_at) > coalesce($1::timestamptz, now()) - interval '10 seconds'`,
        values: [since],
      })
      since = rows[0]?.now ?? since ?? undefined
      return rows.map((row) => ({ gate: row.gate, identity: identityOf(row) }))
    },
  }
}

function identityOf({ gate, org, event, cert_serial: serial, revoked }: Row): GateIdentity | undefined {
  if (revoked) return undefined
  return { gate, org, event: event ?? undefined, certSerial: serial ?? undefined }
}
