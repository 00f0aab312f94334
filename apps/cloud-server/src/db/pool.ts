/**
 * Connections to PostgreSQL. One pool serves requests; the ingest writers have connections of their own, so that no slow page ever
 * keeps a check-in waiting. 64-bit and decimal numbers arrive as JavaScript numbers: all of ours stay below 2^53.
 */
import pg from 'pg'

const INT8 = 20
const NUMERIC = 1700

export const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if ((oid === INT8 || oid === NUMERIC) && format !== 'binary') return Number
    return pg.types.getTypeParser(oid, format)
  },
}

export interface PoolSettings {
  readonly url: string
  readonly max: number
  readonly name: string
  /** What an idle connection says when the server goes away; the pool replaces it. */
  readonly onError: (error: Error) => void
}

/** Connects within 2 s or rejects (R-D5); a statement of a request may take 30 s. */
export function createPool({ url, max, name, onError }: PoolSettings): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types,
    application_name: `gatehouse ${name}`,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: 30_000,
  })
  pool.on('error', onError)
  return pool
}

/** What a room needs of PostgreSQL: a pool, a client in a transaction, and a writer all do. */
export interface Connection {
  query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>>
}

/** Runs `work` in one transaction on a connection of the pool; whatever it throws rolls everything back. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    // A connection that cannot even roll back is thrown away; the server rolls back by itself then.
    const rolledBack = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    )
    client.release(!rolledBack)
    throw error
  }
}
