/**
 * One generation of the presence feed's rows, and how many people they say are inside. The counts are kept while rows change,
 * because a decision about a full zone must not count two hundred thousand rows.
 */
import type { ParticipantId, Presence } from '@gatehouse/domain'
import type { PresenceLine } from '@gatehouse/protocol'
import type { Database } from 'better-sqlite3'
import type { Generation } from './roster-set.ts'

export function presenceTables(generation: Generation): string {
  return `CREATE TABLE presence_${generation} (
      id TEXT PRIMARY KEY, inside INTEGER NOT NULL, zone TEXT, line TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;`
}

interface Place {
  readonly inside: number
  readonly zone: string | null
}

export interface Inside {
  readonly event: number
  readonly byZone: ReadonlyMap<string, number>
}

export interface PresenceSet {
  of(id: ParticipantId): Presence | undefined
  inside(): Inside
  apply(lines: readonly PresenceLine[]): void
  shrink(atMost: number): boolean
  reload(): void
}

export function createPresenceSet(db: Database, generation: Generation): PresenceSet {
  const sql = prepare(db, generation)
  let counts = load()

  function load() {
    const rows = sql.counts.all() as { zone: string | null; people: number }[]
    return {
      event: rows.reduce((sum, row) => sum + row.people, 0),
      byZone: new Map(rows.flatMap((row): [string, number][] => (row.zone === null ? [] : [[row.zone, row.people]]))),
    }
  }

  function count(place: Place | undefined, by: 1 | -1): void {
    if (!place?.inside) return
    counts.event += by
    if (place.zone !== null) counts.byZone.set(place.zone, (counts.byZone.get(place.zone) ?? 0) + by)
  }

  function put(line: PresenceLine): void {
    const place = { inside: line.inside ? 1 : 0, zone: line.zone ?? null }
    count(sql.place.get(line.id) as Place | undefined, -1)
    count(place, 1)
    sql.put.run(line.id, place.inside, place.zone, JSON.stringify(line))
  }

  return {
    of(id) {
      const row = sql.byId.get(id) as { line: string } | undefined
      if (!row) return undefined
      const { kind: _, ...presence } = JSON.parse(row.line) as Presence & { kind: string }
      return presence
    },
    inside: () => counts,
    apply: (lines) => lines.forEach(put),
    shrink(atMost) {
      const emptied = sql.shrink.run(atMost).changes < atMost
      if (emptied) counts = load()
      return emptied
    },
    reload() {
      counts = load()
    },
  }
}

function prepare(db: Database, generation: Generation) {
  const table = `presence_${generation}`
  return {
    byId: db.prepare(`SELECT line FROM ${table} WHERE id = ?`),
    place: db.prepare(`SELECT inside, zone FROM ${table} WHERE id = ?`),
    put: db.prepare(
      `INSERT INTO ${table} (id, inside, zone, line) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET inside = excluded.inside, zone = excluded.zone, line = excluded.line`,
    ),
    counts: db.prepare(`SELECT zone, count(*) AS people FROM ${table} WHERE inside = 1 GROUP BY zone`),
    shrink: db.prepare(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} LIMIT ?)`),
  }
}
