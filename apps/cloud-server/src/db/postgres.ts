/**
 * The PostgreSQL that comes with the product, for installations that name none. Its server process must outlive our Ctrl-C long
 * enough to drain and may survive a kill -9 of ours: the next start finds it by its pid file and adopts it. Durability settings are
 * PostgreSQL's defaults; nothing here may weaken them, because "acknowledged" means committed.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { type Clock, Failure, type Logger } from '@gatehouse/runtime'
import pg from 'pg'
import { folderFor, type ServerAccount, serverAccount } from './postgres-account.ts'
import { type PostgresPrograms, postgresPrograms } from './postgres-programs.ts'

export interface PostgresServer {
  readonly url: string
  readonly adopted: boolean
  /** Fast shutdown: open connections are closed, everything committed is on disk. */
  stop(): Promise<void>
}

export interface PostgresSettings {
  readonly dataDir: string
  readonly clock: Clock
  readonly logger: Logger
  /** More of PostgreSQL's own, as for `-c`. */
  readonly extra?: readonly string[]
}

const USER = 'gatehouse'
const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 15_000

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=100',
  'shared_buffers=512MB',
  'max_wal_size=4GB',
  'min_wal_size=512MB',
  'checkpoint_timeout=15min',
  'wal_buffers=16MB',
  // The only codec of the embedded build is pglz; with it throughput collapses after each checkpoint.
  'wal_compression=off',
  'autovacuum_naptime=15s',
  'log_min_messages=warning',
  'log_checkpoints=off',
  'jit=off',
  'timezone=UTC',
]

/** Starts (or adopts) the server of `dataDir`; resolves when it answers. Throws `Failure` GH-DB-010…013. */
export async function startPostgres(settings: PostgresSettings): Promise<PostgresServer> {
  const account = await serverAccount()
  const folder = await folderFor(resolve(settings.dataDir), account, settings.logger)
  const data = join(folder, 'postgres')
  const programs = await postgresPrograms()
  await setStrangersAside(settings.dataDir, data, settings)
  const password = await ownPassword(settings.dataDir)
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise({ programs, account, folder, data, password })
  const orphan = await livingServer(data)
  if (orphan) return adopt(orphan, { data, password, settings })
  await rm(join(data, 'postmaster.pid'), { force: true })
  return launch({ programs, account, data, folder, password, settings })
}

/**
 * A database without its password file belonged to a data folder that was thrown away (it may lie elsewhere, and so was left behind).
 * Nobody can open it any more, but nothing is deleted: it is put aside.
 */
async function setStrangersAside(dataDir: string, data: string, { clock, logger }: PostgresSettings): Promise<void> {
  if (existsSync(join(dataDir, 'postgres-password')) || !existsSync(join(data, 'PG_VERSION'))) return
  const orphan = await livingServer(data)
  if (orphan) await stopServer(orphan.pid, clock)
  const aside = `${data}-${clock.now()}`
  await rename(data, aside)
  logger.warn({ aside }, 'a database of an earlier data folder was put aside')
}

async function ownPassword(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const path = join(dataDir, 'postgres-password')
  if (!existsSync(path)) await writeFile(path, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
  return (await readFile(path, 'utf8')).trim()
}

async function initialise(plan: {
  programs: PostgresPrograms
  account: ServerAccount
  folder: string
  data: string
  password: string
}): Promise<void> {
  // A first start that was killed half way leaves a folder that initdb refuses; without PG_VERSION nothing in it is data.
  await mkdir(plan.data, { recursive: true, mode: 0o700 })
  if (plan.account.uid !== undefined) await chown(plan.data, plan.account.uid, plan.account.gid ?? 0)
  for (const name of await readdir(plan.data).catch(() => [])) await rm(join(plan.data, name), { recursive: true })
  const secret = join(plan.folder, `postgres-init-${process.pid}`)
  await writeFile(secret, plan.password, { mode: 0o600 })
  if (plan.account.uid !== undefined) await chown(secret, plan.account.uid, plan.account.gid ?? 0)
  try {
    await runToEnd(
      plan.programs.initdb,
      [
        `--pgdata=${plan.data}`,
        `--username=${USER}`,
        `--pwfile=${secret}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // With any other locale a trigram search for Korean names silently finds nothing.
        '--locale=C.UTF-8',
        '--data-checksums',
      ],
      plan.account,
    )
  } finally {
    await rm(secret, { force: true })
  }
}

async function runToEnd(program: string, args: readonly string[], account: ServerAccount): Promise<void> {
  const child = spawn(program, args, { ...account, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Failure('GH-DB-010', `PostgreSQL could not make its data folder: ${said.trim()}`)
}

interface Living {
  readonly pid: number
  readonly port: number
}

/** The server that the pid file names, if it is really there and really ours (process ids are used again). */
async function livingServer(data: string): Promise<Living | undefined> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  )
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid) || !runs(pid, data)) return undefined
  return { pid, port }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function runs(pid: number, data: string): boolean {
  const commandLine = `/proc/${pid}/cmdline`
  if (process.platform !== 'linux' || !existsSync(commandLine)) return process.platform !== 'linux'
  return readFileSync(commandLine, 'utf8').split('\0').includes(data)
}

interface Launch {
  readonly programs: PostgresPrograms
  readonly account: ServerAccount
  readonly data: string
  readonly folder: string
  readonly password: string
  readonly settings: PostgresSettings
}

async function adopt(
  { pid, port }: Living,
  { data, password, settings }: { data: string; password: string; settings: PostgresSettings },
): Promise<PostgresServer> {
  settings.logger.warn({ pid, port }, 'a PostgreSQL of an earlier run is still there; taking it over')
  const url = urlOf(port, password)
  await untilReady({ url, data, clock: settings.clock, hasEnded: () => !isAlive(pid) })
  return { url, adopted: true, stop: () => stopServer(pid, settings.clock) }
}

async function launch({ programs, account, data, folder, password, settings }: Launch): Promise<PostgresServer> {
  const port = await freePort()
  const log = await open(join(folder, 'postgres.log'), 'w', 0o600)
  const flags = [...SETTINGS, ...(settings.extra ?? []), `port=${port}`].flatMap((setting) => ['-c', setting])
  // A group of its own: a Ctrl-C in the terminal must reach us only, we still have check-ins to commit.
  const child = spawn(programs.postgres, ['-D', data, ...flags], {
    ...account,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  child.on('error', () => undefined)
  await log.close()
  const pid = pidOf(child)
  const url = urlOf(port, password)
  await untilReady({ url, data, clock: settings.clock, hasEnded: () => child.exitCode !== null })
  child.unref()
  return { url, adopted: false, stop: () => stopServer(pid, settings.clock, child) }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Failure('GH-DB-011', 'PostgreSQL could not be started')
  return child.pid
}

function urlOf(port: number, password: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Failure('GH-DB-011', 'no free port for PostgreSQL')
  return address.port
}

async function untilReady(server: { url: string; data: string; clock: Clock; hasEnded: () => boolean }): Promise<void> {
  const deadline = server.clock.monoMs() + READY_WITHIN_MS
  for (;;) {
    if (saysReady(server.data) && (await answers(server.url))) return
    if (server.hasEnded())
      throw new Failure('GH-DB-011', `PostgreSQL ended while starting; see postgres.log beside ${server.data}`)
    if (server.clock.monoMs() > deadline)
      throw new Failure('GH-DB-012', 'PostgreSQL did not become ready in time', { waitingHelps: true })
    await server.clock.sleep(20)
  }
}

/** The eighth line of the pid file is the server's own word about itself. */
function saysReady(data: string): boolean {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch (error) {
    if ((error as { code?: string }).code === '28P01')
      throw new Failure('GH-DB-013', 'the password file does not fit the PostgreSQL data folder', { cause: error })
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function stopServer(pid: number, clock: Clock, child?: ChildProcess): Promise<void> {
  const hasEnded = () => (child ? child.exitCode !== null || child.signalCode !== null : !isAlive(pid))
  if (hasEnded()) return
  process.kill(pid, 'SIGINT')
  const deadline = clock.monoMs() + STOP_WITHIN_MS
  while (!hasEnded()) {
    if (clock.monoMs() > deadline) throw new Failure('GH-DB-012', 'PostgreSQL did not stop in time')
    await clock.sleep(20)
  }
}
