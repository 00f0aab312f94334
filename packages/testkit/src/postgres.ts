/**
 * Real PostgreSQL for tests: one embedded server per test run, one database per caller, cloned from a template that was
 * migrated once. Durability is switched off for speed; tests of durability start a server of their own.
 */
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

const SERVER = fileURLToPath(new URL('postgres-server.ts', import.meta.url))

export interface RunningPostgres {
  /** Ends with "/postgres". */
  readonly url: string
  stop(): Promise<void>
}

export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

/**
 * Starts a server in a folder of its own; `settings` are PostgreSQL's, as given to `-c`. It lives in a process of its own because the
 * library ends whichever process it is loaded in with exit code 0, and a failed test run would look like a passed one.
 */
export async function startPostgres(
  settings: readonly string[] = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
): Promise<RunningPostgres> {
  const child = spawn(process.execPath, [SERVER, ...settings], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('the PostgreSQL for tests did not start'))),
  ])) as [string]
  return {
    url: line,
    async stop() {
      child.stdin.end()
      await ended
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
