/**
 * The journal on disk: every decision is one row here before the door moves, and the row holds the exact text that will be
 * sent. It promises that what `append` returned survives a power cut (WAL with synchronous=FULL) and that numbers have no
 * gaps within an epoch. If it broke that promise, people would be inside whom nobody ever counted.
 *
 * A decision costs one INSERT of one row and nothing else: the mark travels in the same row, and what must be looked up by
 * person (marks, the answer given before) is kept in memory and read back from the rows at start. An index would touch
 * random pages in every commit, and a commit is what a person at the gate waits for.
 */
import type { EpochId, ParticipantId, Passage } from '@gatehouse/domain'
import { chainHash, encodeJournalLine, GENESIS, type JournalEntry } from '@gatehouse/protocol'
import { Failure } from '@gatehouse/runtime'
import type { Database } from 'better-sqlite3'
import { createEarlierAnswers } from './earlier-answers.ts'
import { bytesOf, idOf, type Life, readLife, seqOf } from './journal-life.ts'
import { EPOCH_SIZE, JOURNAL_STEPS, journalStatements } from './journal-tables.ts'
import { createMarkBook } from './mark-book.ts'
import { migrate } from './migrations.ts'
import type { Again, JournalRow, JournalStore } from './ports.ts'
import { isDamage, openFile, quarantine } from './sqlite-file.ts'

/** Rows read back at start for the answers given before: hours of a busy gate, a fraction of a second to read. */
const REMEMBERED = 20_000
/** Copying the log back takes several times as long as a commit: it is done in quiet moments, and inside a commit only past this. */
const CHECKPOINT_PAGES = 8_000

export interface JournalOpening {
  /** The damaged file was moved here and a new epoch was begun. */
  readonly quarantined?: string
  /** First unsent row of the present epoch whose hash does not follow from its line: a bit has rotted. It is sent all the same. */
  readonly brokenAt?: number
}

export interface SqliteJournal extends JournalStore {
  readonly opening: JournalOpening
  /** Copies the write-ahead log back into the file; to be called now and then, outside of decisions. */
  checkpoint(): void
  close(): void
}

/** `epoch` makes the id of a new epoch. Throws `GH-STORE-001` (newer schema), `GH-STORE-002` (cannot be opened). */
export function createSqliteJournal({ path, epoch }: { path: string; epoch: () => EpochId }): SqliteJournal {
  try {
    return openJournal(openChecked(path), epoch, {})
  } catch (error) {
    if (!isDamage(error)) throw notOpened(path, error)
    const quarantined = quarantine(path, epoch())
    return openJournal(openChecked(path), epoch, { quarantined })
  }
}

function notOpened(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  return new Failure('GH-STORE-002', `the journal ${path} cannot be opened`, { cause, waitingHelps: true })
}

function openChecked(path: string): Database {
  const db = openFile(path, { synchronous: 'FULL', cacheKib: 8_192, checkpointPages: CHECKPOINT_PAGES })
  try {
    migrate(db, 'journal', JOURNAL_STEPS)
    const [verdict] = db.pragma('quick_check(1)') as { quick_check: string }[]
    if (verdict?.quick_check !== 'ok') throw Object.assign(new Error(verdict?.quick_check), { code: 'SQLITE_CORRUPT' })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function openJournal(db: Database, newEpoch: () => EpochId, found: JournalOpening): SqliteJournal {
  const sql = journalStatements(db)
  const lives = new Map<EpochId, Life>()
  const marks = createMarkBook()
  /** Marks that count no longer but are still on disk: up to a seq by number of the epoch, and single rows by id. */
  const forgotten = { through: new Map<number, number>(), rows: new Set<number>() }
  const answers = createEarlierAnswers(REMEMBERED)
  if (sql.epochs.all().length === 0) sql.beginEpoch.run(newEpoch(), GENESIS)
  let present = readLives()
  readMarks()
  readAnswers()
  const brokenAt = firstBroken(present)
  const opening = brokenAt === undefined ? found : { ...found, brokenAt }

  function readLives(): Life {
    for (const row of sql.epochs.all()) lives.set(row.epoch, readLife(sql, row))
    const newest = [...lives.values()].at(-1)
    if (!newest) throw new Error('a journal always has an epoch')
    return newest
  }

  function readMarks(): void {
    for (const { id, no, epoch, mark } of sql.marked.iterate()) {
      marks.add({ ...(JSON.parse(mark ?? '') as Passage), epoch, seq: id - no * EPOCH_SIZE })
    }
  }

  function readAnswers(): void {
    for (const row of sql.newest.all(REMEMBERED).toReversed()) {
      noteAnswer(JSON.parse(row.line) as JournalEntry, row.id, row.takes_back)
    }
  }

  function noteAnswer(entry: JournalEntry, id: number, takenBack: number | null): void {
    if (takenBack !== null) answers.withdraw(takenBack)
    // What was written again after a fork was answered long ago, under its first number.
    if (entry.kind === 'decision' && !('was' in entry)) answers.note(id, entry)
  }

  function firstBroken(life: Life): number | undefined {
    let hash = hashAt(life, life.acked)
    for (const row of sql.page.iterate(idOf(life, life.acked + 1), idOf(life, life.lastSeq), -1)) {
      if (hash === undefined || Buffer.compare(chainHash(hash, row.line), row.hash) !== 0) return seqOf(life, row.id)
      hash = row.hash
    }
    return undefined
  }

  function hashAt(life: Life, seq: number): Uint8Array | undefined {
    if (seq === 0) return GENESIS
    if (seq === life.lastSeq) return life.lastHash
    if (seq === life.base) return life.baseHash
    return sql.byId.get(idOf(life, seq))?.hash
  }

  /** One INSERT, which is its own transaction when there is none around it. Memory follows in `settle`, once it is on disk. */
  function insert(
    entry: JournalEntry,
    mark: Passage | undefined,
    takenBack: number | null,
    after: JournalRow,
  ): JournalRow {
    const seq = after.seq + 1
    const line = encodeJournalLine(seq, entry)
    const hash = chainHash(after.hash, line)
    sql.insert.run(idOf(present, seq), entry.at, line, hash, mark ? JSON.stringify(mark) : null, takenBack)
    return { seq, line, hash }
  }

  function settle(row: JournalRow, mark: Passage | undefined): void {
    present.lastSeq = row.seq
    present.lastHash = row.hash
    present.unsentBytes += Buffer.byteLength(row.line)
    if (mark) marks.add({ ...mark, epoch: present.epoch, seq: row.seq })
  }

  const tail = (): JournalRow => ({ seq: present.lastSeq, line: '', hash: present.lastHash })

  function append(entry: JournalEntry, mark?: Passage, takesBack?: number): JournalRow {
    const takenBack = takesBack === undefined ? null : idOf(present, takesBack)
    const row = written(() => insert(entry, mark, takenBack, tail()))
    settle(row, mark)
    noteAnswer(entry, idOf(present, row.seq), takenBack)
    if (takesBack !== undefined) marks.drop(present.epoch, takesBack)
    return row
  }

  interface Moved {
    readonly row: JournalRow
    readonly mark: Passage | undefined
    readonly from: number
  }

  const acknowledged = db.transaction(
    (life: Life, through: number, parked: readonly number[], again: readonly Again[]) => {
      const fresh = new Set(parked.filter((seq) => sql.park.run(idOf(life, seq)).changes > 0))
      sql.acked.run(through, life.no)
      const moved: Moved[] = []
      for (const { seq, entry } of again) {
        if (!fresh.has(seq)) continue
        const mark = marks.at(life.epoch, seq)
        if (mark) sql.unmark.run(idOf(life, seq))
        moved.push({ row: insert(entry, mark, null, moved.at(-1)?.row ?? tail()), mark, from: seq })
      }
      return moved
    },
  )

  function acknowledge(epoch: EpochId, through: number, parked: readonly number[], again: readonly Again[] = []) {
    const life = lives.get(epoch)
    if (!life) return []
    const sure = Math.max(life.acked, Math.min(through, life.lastSeq))
    if (sure === life.acked && parked.length === 0) return []
    const moved = written(() => acknowledged.immediate(life, sure, parked, again))
    life.unsentBytes -= bytesOf(sql, life, life.acked, sure)
    life.acked = sure
    for (const { row, mark, from } of moved) {
      marks.drop(epoch, from)
      settle(row, mark)
    }
    return moved.map(({ row }) => row)
  }

  function compactLife(life: Life, keepFrom: number): void {
    // From the rows, not from memory: a mark that is forgotten but not settled comes back after a restart.
    const needed = sql.firstMark.get({ no: life.no })?.id ?? Number.POSITIVE_INFINITY
    const through = Math.min(idOf(life, life.acked), needed - 1)
    const last = sql.lastBefore.get({ after: idOf(life, 0), through, keepFrom })
    if (!last) return
    sql.rebase.run(seqOf(life, last.id), last.hash, life.no)
    sql.forget.run(idOf(life, 0), last.id)
    life.base = seqOf(life, last.id)
    life.baseHash = last.hash
  }

  function forgetMarks(epoch: EpochId, through: number): void {
    const life = lives.get(epoch)
    if (!life) return
    marks.forget(epoch, through)
    forgotten.through.set(life.no, Math.max(through, forgotten.through.get(life.no) ?? 0))
  }

  function forgetMarksOf(participant: ParticipantId, until: number): void {
    for (const { epoch, seq, at } of marks.of(participant)) {
      const life = lives.get(epoch)
      if (!life || at > until || seq > life.acked) continue
      marks.drop(epoch, seq)
      forgotten.rows.add(idOf(life, seq))
    }
  }

  const settled = db.transaction(() => {
    for (const [no, through] of forgotten.through) sql.marksThrough.run(through, no)
    for (const id of forgotten.rows) sql.unmark.run(id)
  })

  function settleMarks(): void {
    written(() => settled.immediate())
    forgotten.through.clear()
    forgotten.rows.clear()
  }

  function unsent() {
    const waiting = [...lives.values()].filter((life) => life.lastSeq > life.acked)
    const [oldest] = waiting
    const first = oldest && sql.byId.get(idOf(oldest, oldest.acked + 1))
    const count = waiting.reduce((sum, life) => sum + life.lastSeq - life.acked, 0)
    const bytes = waiting.reduce((sum, life) => sum + life.unsentBytes, 0)
    return { count, bytes, ...(first ? { oldestAt: first.at } : {}) }
  }

  return {
    opening,
    epoch: () => present.epoch,
    lastSeq: () => present.lastSeq,
    epochs: () =>
      [...lives.values()]
        .filter((life) => life === present || life.lastSeq > life.acked)
        .map(({ epoch, lastSeq, acked }) => ({ epoch, lastSeq, ackedThrough: acked })),
    hashAt(epoch, seq) {
      const life = lives.get(epoch)
      return life && hashAt(life, seq)
    },
    append,
    rows(epoch, from, atMost) {
      const life = lives.get(epoch)
      if (!life) return []
      const rows = sql.page.all(idOf(life, from), idOf(life, life.lastSeq), atMost)
      return rows.map(({ id, line, hash }) => ({ seq: seqOf(life, id), line, hash }))
    },
    acknowledge,
    unsent,
    openEpoch(epoch) {
      written(() => sql.beginEpoch.run(epoch, GENESIS))
      present = readLives()
    },
    marksOf: (participant) => marks.of(participant),
    marks: () => marks.all(),
    forgetMarks,
    forgetMarksOf,
    settleMarks,
    earlier: (who) => answers.last(who),
    compact: (keepFrom) => written(() => db.transaction(() => lives.forEach((life) => compactLife(life, keepFrom)))()),
    checkpoint: () => void db.pragma('wal_checkpoint(PASSIVE)'),
    close: () => db.close(),
  }
}

function written<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new Failure('GH-STORE-003', 'the journal cannot be written', { cause, waitingHelps: true })
  }
}
