/**
 * Keeps the tables of facts ready: the quarters from the last one to the one after the next exist before anything is written for them.
 * A fact for another quarter is not lost, it waits in the partition for everything else until its quarter is made.
 */
import type { Connection } from '../db/pool.ts'

const DAY_MS = 86_400_000
const QUARTER_MS = 91.3125 * DAY_MS

/** Returns the names of partitions that were made. */
export async function ensurePartitions(connection: Connection, now: number): Promise<string[]> {
  const made: string[] = []
  for (const offset of [-1, 0, 1, 2]) {
    const { rows } = await connection.query<{ name: string | null }>({
      text: 'SELECT attendance.ensure_quarter($1) AS name',
      values: [new Date(now + offset * QUARTER_MS)],
    })
    const name = rows[0]?.name
    if (name) made.push(name)
  }
  return made
}
