/**
 * Throws away what has expired: tokens, sessions and kept answers. Without it these tables would grow for ever; with it they hold a day
 * or two. A little at a time, so that no request waits for it.
 */
import { type Clock, describe, type Logger } from '@gatehouse/runtime'
import type { Pool } from 'pg'

const EVERY_MS = 600_000
const AT_ONCE = 5_000
const TABLES = [
  { table: 'auth.tokens', key: 'hash' },
  { table: 'auth.idempotency', key: '(org, key)' },
]

/** Deletes what expired before now; resolves with the number of rows, at most `AT_ONCE` per table. */
export async function sweepExpired(pool: Pool, now: number): Promise<number> {
  let swept = 0
  for (const { table, key } of TABLES) {
    const columns = key.replace(/[()]/g, '')
    const { rowCount } = await pool.query(
      `delete from ${table} where ${key} in (select ${columns} from ${table} where expires_at < $1 limit ${AT_ONCE})`,
      [new Date(now)],
    )
    swept += rowCount ?? 0
  }
  return swept
}

export function createSweep(deps: { pool: Pool; clock: Clock; logger: Logger }): {
  run(signal: AbortSignal): Promise<void>
} {
  return {
    async run(signal) {
      while (!signal.aborted) {
        await sweepExpired(deps.pool, deps.clock.now()).catch((error: unknown) => {
          deps.logger.warn({ problem: describe(error) }, 'expired tokens could not be thrown away; trying again later')
        })
        await deps.clock.sleep(EVERY_MS, signal)
      }
    },
  }
}
