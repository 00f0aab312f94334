/**
 * Drizzle's query builder over a connection that is there already: the pool of the requests, or a client inside `inTransaction`. It
 * opens no connection and no transaction of its own. What PostgreSQL refuses is thrown as PostgreSQL said it: Drizzle would wrap it in
 * an error that hides the code the API answers by, and whose text carries the parameters (names, addresses) into the log.
 */
import { DrizzleQueryError } from 'drizzle-orm'
import { NodePgDatabase, NodePgSession } from 'drizzle-orm/node-postgres'
import { PgDialect, type PgPreparedQuery, type PreparedQueryConfig } from 'drizzle-orm/pg-core'
import type { Pool, PoolClient } from 'pg'

/** One statement per call. Its own `transaction` is left out on purpose: `inTransaction` of pool.ts is the one way. */
export type Drizzle = Pick<NodePgDatabase, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

const dialect = new PgDialect()

/** Costs a few objects, so that each transaction makes its own. */
export function createDrizzle(connection: Pool | PoolClient): Drizzle {
  return new NodePgDatabase(dialect, new PlainSession(connection, dialect, undefined), undefined)
}

class PlainSession extends NodePgSession<Record<string, never>, Record<string, never>> {
  override prepareQuery<T extends PreparedQueryConfig>(
    ...query: Parameters<NodePgSession<Record<string, never>, Record<string, never>>['prepareQuery']>
  ): PgPreparedQuery<T> {
    const prepared = super.prepareQuery<T>(...query)
    const execute = prepared.execute.bind(prepared)
    prepared.execute = (values) => execute(values).catch(throwAsSaid)
    return prepared
  }
}

function throwAsSaid(error: unknown): never {
  throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
}
