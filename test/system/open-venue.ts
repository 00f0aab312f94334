/**
 * A small demo venue of real processes for a system test, and ways to look at what is true inside it without asking the
 * product: the gates' journals are read as files and the facts straight from PostgreSQL.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCrowd } from '@gatehouse/cli/crowd/crowd.ts'
import { randomFrom } from '@gatehouse/cli/venue/chance.ts'
import { type GateState, gateState } from '@gatehouse/cli/venue/gate-client.ts'
import { type OpenGate, type OpenVenue, openVenue } from '@gatehouse/cli/venue/open.ts'
import { systemClock } from '@gatehouse/runtime'
import Database from 'better-sqlite3'
import pg from 'pg'

export interface TestVenue extends OpenVenue {
  readonly said: string[]
  readonly crowd: ReturnType<typeof createCrowd>
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** A folder that the database's own account can walk through, as it can through an ordinary one. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `gatehouse-${name}-`))
  chmodSync(folder, 0o711)
  return folder
}

export async function openTestVenue(given: { people?: number; seed?: number; data?: string } = {}): Promise<TestVenue> {
  const data = given.data ?? temporaryFolder('venue')
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  const seed = given.seed ?? 1
  const open = await openVenue({
    data,
    httpPort: await freePort(),
    mqttPort: await freePort(),
    gates: 3,
    people: given.people ?? 300,
    random: randomFrom(seed),
    say,
  })
  const gates = open.gates.map(({ id, name, zone, http, layout }) => ({ id, name, zone, http, ...layout }))
  const crowd = createCrowd({
    random: randomFrom(seed + 1),
    clock: systemClock,
    people: open.venue.people,
    gates,
    badgeKey: open.gates[0]?.badgeKey ?? '',
    story: say,
  })
  const close = async () => {
    await open.close()
    if (given.data === undefined) rmSync(data, { recursive: true, force: true })
  }
  return {
    ...open,
    get cloud() {
      return open.cloud
    },
    said,
    crowd,
    close,
    query: (sql, values) => query(open.layout.cloud, sql, values),
  }
}

/** Address of the cloud's own PostgreSQL, from the files it keeps in its data folder. */
function databaseUrl(cloud: string): string {
  const password = readFileSync(join(cloud, 'postgres-password'), 'utf8').trim()
  // Line 4 of postmaster.pid is the port (PostgreSQL documentation, "postmaster.pid").
  const port = readFileSync(join(cloud, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]
  return `postgresql://gatehouse:${password}@127.0.0.1:${port}/postgres`
}

async function query<Row extends pg.QueryResultRow>(
  cloud: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(databaseUrl(cloud))
  await client.connect()
  try {
    return (await client.query<Row>(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** Every line of a gate's journal as it stands on its disk, with its place. */
export function journalOf(gate: OpenGate): { epoch: string; seq: number; line: Record<string, unknown> }[] {
  const file = new Database(join(gate.layout.data, 'journal.db'), { readonly: true })
  try {
    const rows = file
      .prepare<[], { epoch: string; line: string }>(
        'SELECT p.epoch, e.line FROM entries e JOIN epochs p ON p.no = e.id / 1099511627776 ORDER BY e.id',
      )
      .all()
    return rows.map(({ epoch, line }) => {
      const parsed = JSON.parse(line) as Record<string, unknown> & { seq: number }
      return { epoch, seq: parsed.seq, line: parsed }
    })
  } finally {
    file.close()
  }
}

const POLL_MS = 100

/** Waits until `holds` does; fails with `what` when it does not in time. */
export async function eventually(
  what: string,
  withinMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (Date.now() < deadline) {
    if (await holds()) return
    await systemClock.sleep(POLL_MS)
  }
  throw new Error(`${what}: not within ${withinMs / 1_000} s`)
}

export function states(venue: OpenVenue): Promise<GateState[]> {
  return Promise.all(venue.gates.map((gate) => gateState(gate.http)))
}

/** All journals acknowledged and all gates connected. */
export async function settled(venue: OpenVenue, withinMs = 60_000): Promise<void> {
  await eventually('all journals acknowledged', withinMs, async () => {
    return (await states(venue)).every(({ unsent, link }) => unsent === 0 && link.state === 'up')
  })
}

/** Processes whose command line names this folder; the kernel's own list, so nothing can hide. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(folder) ? [`${pid} ${command}`] : []
      } catch {
        return []
      }
    })
}
