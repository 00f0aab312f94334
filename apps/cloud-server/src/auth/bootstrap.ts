/**
 * The first key of an installation. On the very first start there is no organization yet: one is made together with a key that may do
 * everything, and the key is returned this once. Later starts find it and return nothing.
 */
import type { OrgId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { Pool } from 'pg'
import { inTransaction } from '../db/pool.ts'
import { hashSecret, keyPrefix, makeKey, type RandomBytes } from './key.ts'

export interface Bootstrap {
  readonly org: OrgId
  /** Only on the start that made it. */
  readonly key?: string
}

/** Any two processes that start at once agree on one organization: the lock belongs to this transaction. */
const BOOTSTRAP_LOCK = 7_402_001

export function bootstrap(deps: {
  pool: Pool
  clock: Clock
  randomBytes: RandomBytes
  newId: () => string
}): Promise<Bootstrap> {
  return inTransaction(deps.pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK])
    const { rows } = await client.query<{ id: OrgId }>('select id from auth.orgs order by created_at limit 1')
    if (rows[0]) return { org: rows[0].id }
    const org = deps.newId() as OrgId
    const key = makeKey(deps.randomBytes)
    const now = new Date(deps.clock.now())
    await client.query('insert into auth.orgs (id, name, created_at) values ($1, $2, $3)', [org, 'Gatehouse', now])
    await client.query(
      'insert into auth.api_keys (id, org, name, prefix, hash, scopes, created_at) values ($1, $2, $3, $4, $5, $6, $7)',
      [deps.newId(), org, 'bootstrap', keyPrefix(key), hashSecret(key), ['admin'], now],
    )
    return { org, key }
  })
}
