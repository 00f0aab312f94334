/**
 * A connection of its own for the statements of ingest and downlink, made when it is first needed and again when it was lost. Their
 * plans are made once and kept, and joins over the rows of a batch are hashed: a plan made for ten rows would compare every row with
 * every other. Tables are never read from end to end: a plan made while a partition was empty would do so until it is analyzed.
 */
import { Failure } from '@gatehouse/runtime'
import pg from 'pg'
import { type Connection, types } from './pool.ts'

export interface Writer extends Connection {
  /** One transaction, one at a time: whoever comes meanwhile waits. What `work` throws rolls everything back. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  end(): Promise<void>
}

const OPTIONS = {
  batches:
    '-c plan_cache_mode=force_generic_plan -c enable_nestloop=off -c enable_mergejoin=off -c enable_seqscan=off -c jit=off',
  rows: '-c enable_seqscan=off -c jit=off',
}

export interface WriterSettings {
  readonly url: string
  readonly name: string
  /** Whether its statements join whole batches (ingest) or look rows up one by one. */
  readonly planFor?: keyof typeof OPTIONS
}

export function createWriter({ url, name, planFor = 'batches' }: WriterSettings): Writer {
  let held: Promise<pg.Client> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      types,
      application_name: `gatehouse ${name}`,
      connectionTimeoutMillis: 2_000,
      statement_timeout: 30_000,
      keepAlive: true,
      options: OPTIONS[planFor],
    })
    const drop = () => {
      held = undefined
    }
    client.on('error', drop)
    client.on('end', drop)
    await client.connect()
    return client
  }

  function client(): Promise<pg.Client> {
    held ??= connect().catch((error) => {
      held = undefined
      throw new Failure('GH-DB-020', 'PostgreSQL cannot be reached', { cause: error, waitingHelps: true })
    })
    return held
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }

  async function transact<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await client()
    await connection.query('BEGIN')
    try {
      const result = await work(connection)
      await connection.query('COMMIT')
      return result
    } catch (error) {
      // Nobody knows what state it is in when even that fails; a new one is made.
      await connection.query('ROLLBACK').catch(() => connection.end())
      throw error
    }
  }

  return {
    query: (query) => inTurn(async () => (await client()).query(query)),
    transaction: (work) => inTurn(() => transact(work)),
    end: () => inTurn(async () => held && (await held).end()),
  }
}
