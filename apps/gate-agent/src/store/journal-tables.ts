/**
 * The journal's tables and the statements on them. `id` of an entry is the number of its epoch × 2^40 + seq: the rows of an
 * epoch lie together in order, and a new row is always the last of the file, so that a commit touches one page.
 */
import type { EpochId } from '@gatehouse/domain'
import type { Database, Statement } from 'better-sqlite3'

export const EPOCH_SIZE = 2 ** 40

/** `takes_back` is the id of the decision that this row undoes. Only undo rows are in the index, so others do not pay for it. */
export const JOURNAL_STEPS = [
  `CREATE TABLE epochs (
     no INTEGER PRIMARY KEY,
     epoch TEXT NOT NULL UNIQUE,
     acked INTEGER NOT NULL DEFAULT 0,
     base INTEGER NOT NULL DEFAULT 0,
     base_hash BLOB NOT NULL,
     marks_through INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE entries (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     line TEXT NOT NULL,
     hash BLOB NOT NULL,
     mark TEXT,
     takes_back INTEGER
   ) STRICT;
   CREATE INDEX entries_taken_back ON entries (takes_back) WHERE takes_back IS NOT NULL;
   CREATE TABLE parked (id INTEGER PRIMARY KEY) STRICT;`,
] as const

export interface EpochRow {
  readonly no: number
  readonly epoch: EpochId
  readonly acked: number
  readonly base: number
  readonly base_hash: Uint8Array
}

export interface EntryRow {
  readonly id: number
  readonly at: number
  readonly line: string
  readonly hash: Uint8Array
  readonly mark: string | null
  readonly takes_back: number | null
}

type Query<Parameters extends unknown[], Row> = Statement<Parameters, Row>
const ENTRY = 'id, at, line, hash, mark, takes_back'

export function journalStatements(db: Database) {
  return {
    insert: db.prepare('INSERT INTO entries (id, at, line, hash, mark, takes_back) VALUES (?, ?, ?, ?, ?, ?)'),
    byId: query<[number], EntryRow>(`SELECT ${ENTRY} FROM entries WHERE id = ?`),
    page: query<[number, number, number], EntryRow>(
      `SELECT ${ENTRY} FROM entries WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?`,
    ),
    newest: query<[number], EntryRow>(`SELECT ${ENTRY} FROM entries ORDER BY id DESC LIMIT ?`),
    last: query<[number, number], EntryRow>(
      `SELECT ${ENTRY} FROM entries WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 1`,
    ),
    // Only a prefix may go, or the chain could not be continued: the last row before the first one that is kept.
    lastBefore: query<[{ after: number; through: number; keepFrom: number }], EntryRow>(
      `SELECT ${ENTRY} FROM entries WHERE id > @after AND id <= @through AND id < coalesce(
         (SELECT min(id) FROM entries WHERE id > @after AND id <= @through AND at >= @keepFrom), 9e18)
       ORDER BY id DESC LIMIT 1`,
    ),
    bytes: query<[number, number], { bytes: number }>(
      'SELECT coalesce(sum(octet_length(line)), 0) AS bytes FROM entries WHERE id > ? AND id <= ?',
    ),
    marked: query<[], EntryRow & EpochRow>(
      `SELECT e.id, e.mark, p.no, p.epoch FROM epochs p
         JOIN entries e ON e.id > p.no * ${EPOCH_SIZE} + p.marks_through AND e.id < (p.no + 1) * ${EPOCH_SIZE}
        WHERE e.mark IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entries u WHERE u.takes_back = e.id) ORDER BY e.id`,
    ),
    firstMark: query<[{ no: number }], { id: number }>(
      `SELECT e.id FROM epochs p
         JOIN entries e ON e.id > p.no * ${EPOCH_SIZE} + p.marks_through AND e.id < (p.no + 1) * ${EPOCH_SIZE}
        WHERE p.no = @no AND e.mark IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entries u WHERE u.takes_back = e.id)
        ORDER BY e.id LIMIT 1`,
    ),
    epochs: query<[], EpochRow>('SELECT no, epoch, acked, base, base_hash FROM epochs ORDER BY no'),
    beginEpoch: db.prepare('INSERT INTO epochs (epoch, base_hash) VALUES (?, ?)'),
    acked: db.prepare('UPDATE epochs SET acked = ? WHERE no = ?'),
    park: db.prepare('INSERT OR IGNORE INTO parked (id) VALUES (?)'),
    rebase: db.prepare('UPDATE epochs SET base = ?, base_hash = ? WHERE no = ?'),
    forget: db.prepare('DELETE FROM entries WHERE id > ? AND id <= ?'),
    unmark: db.prepare('UPDATE entries SET mark = NULL WHERE id = ?'),
    marksThrough: db.prepare('UPDATE epochs SET marks_through = max(marks_through, ?) WHERE no = ?'),
  }

  function query<Parameters extends unknown[], Row>(text: string): Query<Parameters, Row> {
    return db.prepare<Parameters, Row>(text)
  }
}

export type JournalStatements = ReturnType<typeof journalStatements>
