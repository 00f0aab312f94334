/**
 * Brings a database to the schema that this program was written for: plain numbered SQL files, each in one transaction with its
 * entry in the list of what was done, all under one lock so that two processes may start at once. A database that is newer than
 * the program, or whose history was edited, is refused: running older code on it could only do harm.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { Failure } from '@gatehouse/runtime'
import pg from 'pg'
import type { Connection } from './pool.ts'

interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

/** Any number will do as long as every version of this program uses the same one. */
const LOCK = 7_204_171
const FOLDER = new URL('migrations/', import.meta.url)

/** Applies what is missing; resolves with the names of what was applied. Throws `Failure` GH-DB-001 (newer) or GH-DB-002 (edited). */
export async function migrate(url: string, folder: URL = FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder)
  const client = new pg.Client({ connectionString: url, application_name: 'gatehouse migrate' })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK])
    const missing = refuseStrangers(migrations, await applied(client))
    for (const migration of missing) await apply(client, migration)
    return missing.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}

/**
 * Names of the migrations that this program needs and the database does not have; rejects when the list cannot be read. Normally empty after
 * the start: a database that was exchanged or restored under a running program is found by it. Newer ones do no harm here, so that
 * the processes of an older release go on serving until those of the next one take over.
 */
export async function missingMigrations(connection: Connection, folder: URL = FOLDER): Promise<string[]> {
  const [names, { rows }] = await Promise.all([
    migrationNames(folder),
    connection.query<{ name: string }>({ text: 'SELECT name FROM public.gatehouse_migrations' }),
  ])
  const there = new Set(rows.map(({ name }) => name))
  return names.filter((name) => !there.has(name))
}

async function migrationNames(folder: URL): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort()
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  return Promise.all(
    (await migrationNames(folder)).map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      return { number: Number(name.slice(0, 4)), name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function applied(client: pg.Client): Promise<Map<number, { name: string; sha256: string }>> {
  await client.query(`CREATE TABLE IF NOT EXISTS public.gatehouse_migrations (
    number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
  const { rows } = await client.query<{ number: number; name: string; sha256: string }>(
    'SELECT number, name, sha256 FROM public.gatehouse_migrations',
  )
  return new Map(rows.map((row) => [row.number, row]))
}

function refuseStrangers(
  known: readonly Migration[],
  done: Map<number, { name: string; sha256: string }>,
): Migration[] {
  const newest = known.at(-1)?.number ?? 0
  for (const [number, { name }] of done) {
    if (number > newest) {
      throw new Failure(
        'GH-DB-001',
        `the database has migration ${name}, which is newer than this program; start the newer program`,
      )
    }
  }
  for (const migration of known) {
    const before = done.get(migration.number)
    if (before && before.sha256 !== migration.sha256) {
      throw new Failure('GH-DB-002', `migration ${migration.name} differs from the one this database was made with`)
    }
  }
  return known.filter((migration) => !done.has(migration.number))
}

async function apply(client: pg.Client, { number, name, sql, sha256 }: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(sql)
    await client.query('INSERT INTO public.gatehouse_migrations (number, name, sha256) VALUES ($1, $2, $3)', [
      number,
      name,
      sha256,
    ])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Failure('GH-DB-003', `migration ${name} failed and was rolled back`, { cause: error })
  }
}
