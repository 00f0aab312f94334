/** Opens the database this process works on: the named server or the embedded one, at the present schema, with this quarter's tables. */
import { type Clock, Failure, type Logger } from '@gatehouse/runtime'
import type pg from 'pg'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'
import { startPostgres } from './postgres.ts'

export interface Database {
  readonly url: string
  readonly pool: pg.Pool
  /** Stops the server too, when it is ours. */
  close(): Promise<void>
}

export interface DatabaseSettings {
  readonly url: string | undefined
  readonly dataDir: string
  readonly connections: number
  readonly clock: Clock
  readonly logger: Logger
}

export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const { clock, logger } = settings
  const server = settings.url === undefined ? await startPostgres(settings) : undefined
  const url = settings.url ?? server?.url ?? ''
  try {
    const applied = await migrate(url)
    if (applied.length > 0) logger.info({ applied }, 'database brought to the present schema')
    let closing = false
    const onError = (error: Error) => {
      if (!closing) logger.warn({ problem: error.message }, 'a database connection was lost')
    }
    const pool = createPool({ url, max: settings.connections, name: 'requests', onError })
    await checkLetters(pool)
    return {
      url,
      pool,
      async close() {
        closing = true
        await Promise.race([pool.end(), clock.sleep(1_000)])
        await server?.stop()
      },
    }
  } catch (error) {
    await server?.stop()
    throw error
  }
}

/** In a database made with the wrong locale a search for Korean names finds nothing and says nothing: better not to start. */
async function checkLetters(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ grams: number }>(`SELECT cardinality(show_trgm('김소영')) AS grams`)
  if ((rows[0]?.grams ?? 0) === 0) {
    throw new Failure(
      'GH-DB-016',
      'this database cannot search Korean names: create it with the locale C.UTF-8 and encoding UTF8',
    )
  }
}
