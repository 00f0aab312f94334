/**
 * The first key of an installation. On the very first start there is no organization yet: one is made together with a key that may do
 * everything, and the key is returned this once. Later starts find it and return nothing.
 */
import type { OrgId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import { sql } from 'drizzle-orm'
import type { Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { inTransaction } from '../db/pool.ts'
import { apiKeys, orgs } from '../db/tables/auth.ts'
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
    const db = createDrizzle(client)
    await db.execute(sql`select pg_advisory_xact_lock(${BOOTSTRAP_LOCK})`)
    const [first] = await db.select({ id: orgs.id }).from(orgs).orderBy(orgs.createdAt).limit(1)
    if (first) return { org: first.id }
    const org = deps.newId() as OrgId
    const key = makeKey(deps.randomBytes)
    const createdAt = new Date(deps.clock.now())
    await db.insert(orgs).values({ id: org, name: 'Gatehouse', createdAt })
    const kept = { prefix: keyPrefix(key), hash: hashSecret(key) }
    await db.insert(apiKeys).values({ id: deps.newId(), org, name: 'bootstrap', ...kept, scopes: ['admin'], createdAt })
    return { org, key }
  })
}
