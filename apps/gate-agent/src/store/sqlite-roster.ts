/**
 * What the cloud told this gate, on disk: the roster and the presence of one event, each at its cursor. Rows, cursor and set
 * hash change in one transaction, so a gate never claims a cursor whose revocations it has not applied. The file can be
 * filled again from the cloud (synchronous=NORMAL), and a damaged one is put aside and begun anew.
 *
 * Each feed has two generations of its tables, because a snapshot of two hundred thousand rows takes seconds: it fills the
 * idle one while decisions go on with the other. `tidy` empties the one that is not used any more, a little at a time.
 */
import type { FeedName } from '@gatehouse/protocol'
import { bucketsToHex, rootOf } from '@gatehouse/protocol'
import { Failure } from '@gatehouse/runtime'
import type { Database } from 'better-sqlite3'
import { migrate } from './migrations.ts'
import { rankPeople, wordsOf } from './name-search.ts'
import type { FeedPage, RosterRow, RosterStore } from './ports.ts'
import { createPresenceSet, presenceTables } from './presence-set.ts'
import { createRosterSet, type Generation, rosterTables } from './roster-set.ts'
import { isDamage, isMisfit, openFile, quarantine } from './sqlite-file.ts'

const STEPS = [
  `CREATE TABLE sets (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, buckets TEXT NOT NULL, rules TEXT) STRICT, WITHOUT ROWID;
   CREATE TABLE feeds (feed TEXT PRIMARY KEY, cursor INTEGER NOT NULL, active TEXT NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO feeds (feed, cursor, active) VALUES ('roster', 0, 'a'), ('presence', 0, 'a');
   ${rosterTables('a')} ${rosterTables('b')} ${presenceTables('a')} ${presenceTables('b')}`,
  `ALTER TABLE sets ADD COLUMN last_no INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sets ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
   UPDATE sets SET last_no = (SELECT coalesce(max(no), 0) FROM participants_a) WHERE name = 'roster_a';
   UPDATE sets SET last_no = (SELECT coalesce(max(no), 0) FROM participants_b) WHERE name = 'roster_b';
   UPDATE sets SET settled = last_no`,
  `ALTER TABLE feeds ADD COLUMN whole INTEGER NOT NULL DEFAULT 0`,
] as const

/** Rows emptied per call of `tidy`: well under the time a decision may wait. */
const TIDY_ROWS = 500
/** Candidates looked at by a search before they are ranked. */
const CANDIDATES = 500

export interface SqliteRoster extends RosterStore {
  /** Where a damaged file was moved; the roster then begins empty and is asked for again. */
  readonly quarantined?: string
  /** Whether the organizer gives names to gates; undefined while the roster is empty. */
  hasNames(): boolean | undefined
  /** Empties a bit of the generation that is out of use; true when nothing is left to do. */
  tidy(): boolean
  close(): void
}

/** `label` names a damaged file that is put aside. Throws `GH-STORE-001` and `GH-STORE-004` (cannot be opened). */
export function createSqliteRoster({ path, label = 'roster' }: { path: string; label?: string }): SqliteRoster {
  try {
    return openRoster(openMigrated(path))
  } catch (error) {
    // Unlike a journal, a roster can always be had again, so it is given up more easily.
    if (!isDamage(error) && !isMisfit(error)) throw notOpened(path, error)
    const quarantined = quarantine(path, label)
    return { ...openRoster(openMigrated(path)), quarantined }
  }
}

function notOpened(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  return new Failure('GH-STORE-004', `the roster ${path} cannot be opened`, { cause, waitingHelps: true })
}

function openMigrated(path: string): Database {
  const db = openFile(path, { synchronous: 'NORMAL', cacheKib: 49_152, checkpointPages: 4_000 })
  try {
    migrate(db, 'roster', STEPS)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function openRoster(db: Database): SqliteRoster {
  const rosters = { a: createRosterSet(db, 'a'), b: createRosterSet(db, 'b') }
  const presences = { a: createPresenceSet(db, 'a'), b: createPresenceSet(db, 'b') }
  const feeds = createFeedPointers(db)
  const staging = new Set<FeedName>()
  const roster = () => rosters[feeds.active('roster')]
  const presence = () => presences[feeds.active('presence')]
  const idle = (feed: FeedName) => (feed === 'roster' ? rosters : presences)[other(feeds.active(feed))]

  /** Everything or nothing, on disk and in memory. */
  function atomically(work: () => void): void {
    try {
      db.transaction(work).immediate()
    } catch (cause) {
      for (const set of [rosters.a, rosters.b, presences.a, presences.b, feeds]) set.reload()
      throw isDamage(cause)
        ? cause
        : new Failure('GH-STORE-005', 'the roster cannot be written', { cause, waitingHelps: true })
    }
  }

  function emptyIdle(feed: FeedName): void {
    while (!idle(feed).shrink(10_000));
  }

  return {
    cursor: feeds.cursor,
    root: () => rootOf([...roster().buckets()]),
    buckets: () => bucketsToHex([...roster().buckets()]),
    rows: () => roster().rows(),
    rules: () => roster().rules(),
    hasNames: () => roster().hasNames(),
    participant: (id) => roster().participant(id),
    byCredential: (key) => roster().byCredential(key),
    presence: (id) => presence().of(id),
    inside: () => presence().inside(),
    isWhole: () => feeds.isWhole('roster'),
    markWhole: () => atomically(() => feeds.markWhole('roster')),
    applyRoster: (page) =>
      atomically(() => {
        roster().apply(page.lines)
        feeds.move('roster', page.to)
      }),
    applyPresence: (page) =>
      atomically(() => {
        presence().apply(page.lines)
        feeds.move('presence', page.to)
      }),
    replaceBuckets: (buckets, page) =>
      atomically(() => {
        roster().removeBuckets(buckets)
        roster().apply(page.lines)
        feeds.move('roster', page.to)
      }),
    stageSnapshot: (feed, page) =>
      atomically(() => {
        if (page.from === 0 || !staging.has(feed)) emptyIdle(feed)
        staging.add(feed)
        if (feed === 'roster') rosters[other(feeds.active(feed))].apply((page as FeedPage<RosterRow>).lines)
        else presences[other(feeds.active(feed))].apply((page as Parameters<RosterStore['applyPresence']>[0]).lines)
      }),
    finishSnapshot(feed, cursor) {
      atomically(() => {
        // A snapshot without a single page is an empty set, not the leftovers of an earlier one.
        if (!staging.has(feed)) emptyIdle(feed)
        feeds.swap(feed, other(feeds.active(feed)), cursor)
      })
      staging.delete(feed)
    },
    dropSnapshot: (feed) => void staging.delete(feed),
    search(words, atMost) {
      const wanted = wordsOf(words)
      return wanted.length === 0 ? [] : rankPeople(roster().find(wanted, CANDIDATES), words, atMost)
    },
    tidy() {
      let done = true
      for (const feed of ['roster', 'presence'] as const) {
        if (!staging.has(feed)) atomically(() => void (done = idle(feed).shrink(TIDY_ROWS) && done))
      }
      return done
    },
    flush() {
      // One small commit in FULL mode syncs the whole log, and with it every commit before.
      db.pragma('synchronous = FULL')
      try {
        atomically(() => feeds.move('roster', feeds.cursor('roster')))
      } finally {
        db.pragma('synchronous = NORMAL')
      }
    },
    close: () => db.close(),
  }
}

function other(generation: Generation): Generation {
  return generation === 'a' ? 'b' : 'a'
}

interface FeedRow {
  readonly feed: FeedName
  readonly cursor: number
  readonly active: Generation
  /** 1 once the head was reached. */
  readonly whole: number
}

/** Per feed: how far it was applied, and which generation decisions read. */
function createFeedPointers(db: Database) {
  const read = db.prepare('SELECT feed, cursor, active, whole FROM feeds')
  const write = db.prepare('UPDATE feeds SET cursor = ?, active = ? WHERE feed = ?')
  const complete = db.prepare('UPDATE feeds SET whole = 1 WHERE feed = ?')
  const load = () => new Map((read.all() as FeedRow[]).map((row) => [row.feed, row]))
  let rows = load()

  function rowOf(feed: FeedName): FeedRow {
    const row = rows.get(feed)
    if (!row) throw new Error(`no such feed: ${feed}`)
    return row
  }

  function swap(feed: FeedName, active: Generation, cursor: number): void {
    write.run(cursor, active, feed)
    rows.set(feed, { ...rowOf(feed), cursor, active })
  }

  function markWhole(feed: FeedName): void {
    complete.run(feed)
    rows.set(feed, { ...rowOf(feed), whole: 1 })
  }

  return {
    cursor: (feed: FeedName) => rowOf(feed).cursor,
    active: (feed: FeedName) => rowOf(feed).active,
    move: (feed: FeedName, cursor: number) => swap(feed, rowOf(feed).active, cursor),
    swap,
    isWhole: (feed: FeedName) => rowOf(feed).whole === 1,
    markWhole,
    reload() {
      rows = load()
    },
  }
}
