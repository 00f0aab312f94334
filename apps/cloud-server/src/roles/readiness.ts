/**
 * Whether this process can serve now, asked at each /readyz: the database answers, it has the schema that this program was written for, and
 * the broker takes connections where there is one. Every answer names what it is about, and one that fails does not hide the others.
 */
import type { Health } from '@gatehouse/runtime'
import type { Broker } from '../broker/ports.ts'
import { missingMigrations } from '../db/migrate.ts'
import type { Connection } from '../db/pool.ts'
import type { Readiness, ReadyCheck } from '../health/routes.ts'

export interface ReadinessNeeds {
  readonly health: Health
  readonly connection: Connection
  /** Undefined in a process without the role ingest. */
  readonly broker: Pick<Broker, 'isListening'> | undefined
}

export function createReadiness({ health, connection, broker }: ReadinessNeeds): Readiness {
  const database = async () => void (await connection.query({ text: 'SELECT 1' }))
  const migrations = async () => {
    const missing = await missingMigrations(connection)
    return missing.length > 0 ? `missing: ${missing.join(', ')}` : undefined
  }
  const listening = async () => (broker?.isListening === false ? 'takes no connections' : undefined)
  return {
    health,
    ready: () =>
      Promise.all([
        asked('database', database),
        asked('migrations', migrations),
        ...(broker ? [asked('broker', listening)] : []),
      ]),
  }
}

/** `look` resolves with what is wrong, and may reject. */
async function asked(name: string, look: () => Promise<string | undefined | void>): Promise<ReadyCheck> {
  try {
    const detail = await look()
    return detail === undefined ? { name, ok: true } : { name, ok: false, detail }
  } catch {
    // Anybody may ask: why not is in the log of who failed, with names of servers and users.
    return { name, ok: false, detail: 'could not be asked' }
  }
}
