/**
 * The memory behind Idempotency-Key: who owns a key now, and what was answered. A claim is one statement, so of many requests that
 * arrive at once exactly one works; a claim left without an answer (the process died) can be taken over after a while.
 */
import type { Clock } from '@gatehouse/runtime'
import { and, eq, isNull, lte, sql } from 'drizzle-orm'
import type { Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { idempotency as held } from '../db/tables/auth.ts'

export interface Claim {
  readonly org: string
  readonly key: string
  /** What tells this request from another with the same key. */
  readonly fingerprint: Buffer
}

export interface KeptAnswer {
  readonly isSameRequest: boolean
  /** Null while the first request is still at work. */
  readonly status: number | null
  readonly body: unknown
}

export interface Answered {
  /** True when the claimer now owns the key and has to work. */
  claim(claim: Claim): Promise<boolean>
  earlier(claim: Claim): Promise<KeptAnswer | undefined>
  keep(claim: Claim, status: number, body: unknown): Promise<void>
  /** Gives the key back unanswered. */
  release(claim: Claim): Promise<void>
}

const KEEP_MS = 24 * 3600_000
const TAKE_OVER_MS = 30_000

export function createAnswered({ pool, clock }: { pool: Pool; clock: Clock }): Answered {
  const db = createDrizzle(pool)
  const is = ({ org, key }: Claim) => and(eq(held.org, org), eq(held.key, key))
  return {
    async claim({ org, key, fingerprint }) {
      const now = clock.now()
      const mine = { fingerprint, createdAt: new Date(now), expiresAt: new Date(now + KEEP_MS) }
      const leftBefore = new Date(now - TAKE_OVER_MS)
      const isLeft = and(isNull(held.status), lte(held.createdAt, leftBefore), eq(held.fingerprint, fingerprint))
      const { rowCount } = await db
        .insert(held)
        .values({ org, key, ...mine })
        .onConflictDoUpdate({
          target: [held.org, held.key],
          set: { ...mine, status: null, body: null },
          setWhere: sql`${lte(held.expiresAt, mine.createdAt)} or ${isLeft}`,
        })
      return rowCount === 1
    },
    async earlier(claim) {
      const columns = { fingerprint: held.fingerprint, status: held.status, body: held.body }
      const [kept] = await db.select(columns).from(held).where(is(claim))
      return kept && { isSameRequest: kept.fingerprint.equals(claim.fingerprint), status: kept.status, body: kept.body }
    },
    async keep(claim, status, body) {
      await db
        .update(held)
        .set({ status, body: body ?? null })
        .where(is(claim))
    },
    async release(claim) {
      await db.delete(held).where(and(is(claim), isNull(held.status)))
    },
  }
}
