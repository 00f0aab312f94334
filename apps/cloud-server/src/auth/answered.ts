/**
 * The memory behind Idempotency-Key: who owns a key now, and what was answered. A claim is one statement, so of many requests that
 * arrive at once exactly one works; a claim left without an answer (the process died) can be taken over after a while.
 */
import type { Clock } from '@gatehouse/runtime'
import type { Pool } from 'pg'

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
  return {
    async claim({ org, key, fingerprint }) {
      const now = clock.now()
      const { rowCount } = await pool.query(
        `insert into auth.idempotency as held (org, key, fingerprint, created_at, expires_at) values ($1, $2, $3, $4, $5)
         on conflict (org, key) do update set fingerprint = excluded.fingerprint, status = null, body = null,
           created_at = excluded.created_at, expires_at = excluded.expires_at
         where held.expires_at <= $4 or (held.status is null and held.created_at <= $6 and held.fingerprint = excluded.fingerprint)`,
        [org, key, fingerprint, new Date(now), new Date(now + KEEP_MS), new Date(now - TAKE_OVER_MS)],
      )
      return rowCount === 1
    },
    async earlier({ org, key, fingerprint }) {
      const { rows } = await pool.query<{ fingerprint: Buffer; status: number | null; body: unknown }>(
        'select fingerprint, status, body from auth.idempotency where org = $1 and key = $2',
        [org, key],
      )
      const held = rows[0]
      return held && { isSameRequest: held.fingerprint.equals(fingerprint), status: held.status, body: held.body }
    },
    async keep({ org, key }, status, body) {
      await pool.query('update auth.idempotency set status = $3, body = $4 where org = $1 and key = $2', [
        org,
        key,
        status,
        JSON.stringify(body ?? null),
      ])
    },
    async release({ org, key }) {
      await pool.query('delete from auth.idempotency where org = $1 and key = $2 and status is null', [org, key])
    },
  }
}
