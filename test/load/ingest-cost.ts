/**
 * What an entry costs, in microseconds of CPU, by who spends it: it moves far less than rates do when others use the machine. Where the
 * system does not tell (no /proc), database figures are missing.
 */
import { readFile } from 'node:fs/promises'
import type { Connection } from '@gatehouse/cloud-server/db/pool.ts'

export interface Cost {
  /** The server's main thread, without the collection of garbage by others. */
  readonly server: number
  /** By name of the connection. */
  readonly database: Readonly<Record<string, number>>
}

/** Runs `work` and says what each of its entries cost. */
export async function costOf<T>(
  connection: Connection,
  entries: number,
  work: () => Promise<T>,
): Promise<{ result: T; cost: Cost }> {
  const before = await backendUs(connection)
  const started = process.threadCpuUsage()
  const result = await work()
  const { user, system } = process.threadCpuUsage(started)
  const after = await backendUs(connection)
  const used = [...after].map(([name, us]) => [name, perEntry(us - (before.get(name) ?? 0), entries)] as const)
  return {
    result,
    cost: {
      server: perEntry(user + system, entries),
      database: Object.fromEntries(used.filter(([, us]) => us > 0)),
    },
  }
}

export function perEntry(us: number, entries: number): number {
  return Math.round((10 * us) / entries) / 10
}

/** Time on a processor of all connections of a name, since they were made. */
async function backendUs(connection: Connection): Promise<Map<string, number>> {
  const { rows } = await connection.query<{ pid: number; name: string }>({
    text: `SELECT pid, application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'gatehouse%'`,
  })
  const used = new Map<string, number>()
  for (const { pid, name } of rows) {
    const [onProcessorNs = '0'] = (await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '')).split(' ')
    used.set(name, (used.get(name) ?? 0) + Number(onProcessorNs || 0) / 1_000)
  }
  return used
}
