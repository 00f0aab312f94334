/**
 * Throws away what has expired: tokens, sessions and kept answers. Without it these tables would grow for ever; with it they hold a day
 * or two. A little at a time, so that no request waits for it.
 */
import { type Clock, describe, type Logger } from '@gatehouse/runtime'
import { inArray, lt, sql } from 'drizzle-orm'
import type { Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { idempotency, tokens } from '../db/tables/auth.ts'

const EVERY_MS = 600_000
const AT_ONCE = 5_000

/** Deletes what expired before now; resolves with the number of rows, at most `AT_ONCE` per table. */
export async function sweepExpired(pool: Pool, now: number): Promise<number> {
  const db = createDrizzle(pool)
  const before = new Date(now)
  const { hash } = tokens
  const oldTokens = db.select({ hash }).from(tokens).where(lt(tokens.expiresAt, before)).limit(AT_ONCE)
  const sweptTokens = await db.delete(tokens).where(inArray(hash, oldTokens))
  const { org, key } = idempotency
  const oldAnswers = db.select({ org, key }).from(idempotency).where(lt(idempotency.expiresAt, before)).limit(AT_ONCE)
  const sweptAnswers = await db.delete(idempotency).where(sql`(${org}, ${key}) in ${oldAnswers}`)
  return (sweptTokens.rowCount ?? 0) + (sweptAnswers.rowCount ?? 0)
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
