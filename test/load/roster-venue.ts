/**
 * The stage of the roster bench: a cloud server as a process of its own on an embedded PostgreSQL, one event with its gates made
 * through the API, and as many participants as wanted, written by the database itself in the shape that registration writes. The
 * real publisher numbers them; the stage is set when nothing is pending any more.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from '@gatehouse/cli/venue/child.ts'
import { type CloudClient, createCloudClient } from '@gatehouse/cli/venue/cloud-client.ts'
import { type Database, openDatabase } from '@gatehouse/cloud-server/db/open.ts'
import { inTransaction } from '@gatehouse/cloud-server/db/pool.ts'
import { pseudonym } from '@gatehouse/protocol'
import { createLogger, systemClock } from '@gatehouse/runtime'
import { rounded } from './bench.ts'

export interface StagePlan {
  readonly people: number
  readonly gates: number
  /** Folder for CPU profiles of the processes; none when missing. */
  readonly profile?: string | undefined
}

export interface StageGate {
  readonly id: string
  /** Path of its hand-over document. */
  readonly handover: string
}

export interface Stage {
  readonly folder: string
  readonly logs: { readonly logs: string; readonly run: string }
  readonly database: Database
  readonly client: CloudClient
  readonly event: string
  readonly gates: readonly StageGate[]
  /** How long the import itself and the numbering of it took. */
  readonly importSec: number
  readonly numberingSec: number
  /** Arguments for Node itself, before the script. */
  readonly nodeArgs: readonly string[]
  head(): Promise<{ readonly head: number; readonly root: string }>
  close(): Promise<void>
}

export const say = (text: string) => void process.stderr.write(`${text}\n`)
export const sets = (values: Record<string, string | number>) =>
  Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])

const READY_WITHIN_MS = 60_000
const ENDS_WITHIN_MS = 8_000
const NUMBERED_WITHIN_MS = 300_000
const CLOUD = createRequire(import.meta.url).resolve('@gatehouse/cloud-server/main.ts')

/**
 * Whatever was already opened is closed again when something fails on the way, or when the bench is interrupted: its processes have
 * groups of their own and would outlive it.
 */
export async function setStage(plan: StagePlan): Promise<Stage> {
  const closing: (() => Promise<unknown>)[] = []
  const interrupted = () => void close().finally(() => process.exit(130))
  const close = async () => {
    for (const step of closing.splice(0).toReversed()) await step()
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    return { ...(await open(plan, closing)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(plan: StagePlan, closing: (() => Promise<unknown>)[]): Promise<Omit<Stage, 'close'>> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-roster-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  // The database may run under an account of its own, which has to get through to its folder.
  await chmod(folder, 0o711)
  const logs = { logs: join(folder, 'logs'), run: join(folder, 'run') }
  for (const path of [logs.logs, logs.run, join(folder, 'cloud')]) await mkdir(path)
  const logger = createLogger({ name: 'bench', level: 'warn' })
  const database = await openDatabase({ url: undefined, dataDir: folder, connections: 2, clock: systemClock, logger })
  closing.push(() => database.close())
  const nodeArgs = plan.profile ? ['--cpu-prof', `--cpu-prof-dir=${plan.profile}`] : []
  const cloud = await startCloud(folder, logs, database.url, nodeArgs)
  closing.push(() => cloud.stop(ENDS_WITHIN_MS))
  const key = await readFile(join(folder, 'cloud', 'admin-key'), 'utf8')
  const client = createCloudClient(cloud.ready.http, key.trim())
  const { event, gates } = await makeEvent(client, folder, plan)
  const head = () => headOf(database, event)
  const times = await fill(database, event, gates, plan.people)
  return { folder, logs, database, client, event, gates, nodeArgs, head, ...times }
}

/** The address of the database holds its password, so it travels in a file and not on the command line. */
async function startCloud(
  folder: string,
  logs: Stage['logs'],
  url: string,
  nodeArgs: readonly string[],
): Promise<Child> {
  const config = join(folder, 'cloud.json')
  await writeFile(config, JSON.stringify({ 'database.url': url }), { mode: 0o600 })
  const settings = sets({
    'data.dir': join(folder, 'cloud'),
    'http.port': 0,
    'mqtt.port': 0,
    // All gates of the bench come from one address.
    'mqtt.connectBurst': 1_000,
    'log.level': 'warn',
  })
  const args = [...nodeArgs, CLOUD, '--config', config, ...settings]
  return startChild({ name: 'cloud', args, folders: logs, readyWithinMs: READY_WITHIN_MS })
}

async function makeEvent(client: CloudClient, folder: string, plan: StagePlan) {
  const now = Date.now()
  const when = { timeZone: 'Asia/Seoul', startsAt: now - 3_600_000, endsAt: now + 36_000_000 }
  const made = await client.post<{ id: string }>('/events', { name: 'Bench', showNames: true, ...when })
  const gates: StageGate[] = []
  for (let n = 0; n < plan.gates; n += 1) {
    const { id } = await client.post<{ id: string }>(`/events/${made.id}/gates`, {
      name: `${n + 1}`,
      direction: 'both',
    })
    const handover = join(folder, `handover-${n}.json`)
    const document = await client.post<object>(`/gates/${id}/handover`, {})
    await writeFile(handover, JSON.stringify(document), { mode: 0o600 })
    gates.push({ id, handover })
  }
  return { event: made.id, gates }
}

/** Everybody has a QR ticket and a badge, a Korean or an English name, and what registration gives by default. */
async function fill({ pool }: Database, event: string, gates: readonly StageGate[], people: number) {
  const pepper = await pepperOf(gates[0])
  say(`importing ${people} participants`)
  const startedMs = performance.now()
  const pads = [0x36, 0x5c].map((pad) => Buffer.from(Buffer.concat([pepper], 64).map((byte) => byte ^ pad)))
  await inTransaction(pool, async (client) => {
    await client.query(PARTICIPANTS, [event, people])
    await client.query(CREDENTIALS, [event, people, ...pads])
  })
  const importedMs = performance.now()
  await checkPseudonym(pool, event, pepper)
  await untilNumbered(pool, event)
  const numberedMs = performance.now()
  // What autovacuum does within minutes after an import, done now, so that it does not run into the measurement.
  await pool.query('VACUUM ANALYZE')
  return {
    importSec: rounded((importedMs - startedMs) / 1000, 2),
    numberingSec: rounded((numberedMs - importedMs) / 1000, 2),
  }
}

async function pepperOf(gate: StageGate | undefined): Promise<Buffer> {
  if (!gate) throw new Error('the bench needs a gate')
  const { pepper } = JSON.parse(await readFile(gate.handover, 'utf8')) as { pepper: string }
  return Buffer.from(pepper, 'hex')
}

const ID = (kind: string) => `('${kind}-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
export const personId = (n: number) => `0b000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
export const ticketCredentialId = (n: number) => `0c000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

const PARTICIPANTS = `INSERT INTO roster.participants (id, event, name, email, ticket_type, token)
  SELECT ${ID('0b000000')}, $1, CASE n % 2 WHEN 0 THEN '김소영 ' || n ELSE 'Robin Carter ' || n END, 'p' || n || '@example.org', 'standard',
    lpad(to_hex(n), 20, '0') FROM generate_series(1, $2::int) n`

/** HMAC-SHA256 written out, because the database's own needs an extension: $3 and $4 are the pepper with the inner and the outer pad. */
const KEY = (message: string) =>
  `encode(substr(sha256($4::bytea || sha256($3::bytea || convert_to(${message}, 'UTF8'))), 1, 16), 'hex')::uuid`
const CREDENTIALS = `INSERT INTO roster.credentials (id, participant, event, kind, canonical, badge_number, key)
  SELECT ${ID('0c000000')}, ${ID('0b000000')}, $1::uuid, 'qr', lpad(to_hex(n), 20, '0'), NULL::int, ${KEY(`'qr:' || lpad(to_hex(n), 20, '0')`)}
    FROM generate_series(1, $2::int) n
  UNION ALL
  SELECT ${ID('0d000000')}, ${ID('0b000000')}, $1::uuid, 'badge', 'rb:' || n, n, ${KEY(`'badge:rb:' || n`)} FROM generate_series(1, $2::int) n`

async function checkPseudonym(pool: Database['pool'], event: string, pepper: Uint8Array): Promise<void> {
  const { rows } = await pool.query<{ key: string }>(
    `SELECT replace(key::text, '-', '') AS key FROM roster.credentials WHERE event = $1 AND badge_number = 1`,
    [event],
  )
  if (rows[0]?.key !== pseudonym(pepper, 'badge', 'rb:1')) throw new Error('the bench computes other pseudonyms')
}

async function untilNumbered(pool: Database['pool'], event: string): Promise<void> {
  const deadlineMs = performance.now() + NUMBERED_WITHIN_MS
  for (;;) {
    const { rows } = await pool.query<{ left: boolean }>(
      'SELECT EXISTS (SELECT FROM roster.pending WHERE event = $1) AS left',
      [event],
    )
    if (rows[0]?.left === false) return
    if (performance.now() > deadlineMs) throw new Error('the publisher did not number the import in time')
    await wait(100)
  }
}

async function headOf({ pool }: Database, event: string): Promise<{ head: number; root: string }> {
  const { rows } = await pool.query<{ head: number; root: string }>(
    `SELECT head, root FROM roster.heads WHERE event = $1 AND feed = 'roster'`,
    [event],
  )
  const row = rows[0]
  if (!row) throw new Error('the roster has no head')
  return row
}
