/**
 * One generation of the roster's rows in SQLite. There are two: decisions read the active one while a snapshot fills the
 * other, and swapping them is one pointer. Rows, count and set hash change together inside the caller's transaction, so the
 * root that a gate reports is always the root of what it decides with.
 */
import type { CredentialKey, EventRules, Participant, ParticipantId } from '@gatehouse/domain'
import { addRow, bucketOf, bucketsFromHex, bucketsToHex, emptyBuckets, removeRow } from '@gatehouse/protocol'
import type { Database } from 'better-sqlite3'
import { foldPerson, MAX_WORDS } from './name-search.ts'
import type { RosterRow } from './ports.ts'

export type Generation = 'a' | 'b'

/** Credentials are found by the first 48 bits of their pseudonym and then compared in full: a third of the pages to touch. */
export function rosterTables(generation: Generation): string {
  return `CREATE TABLE participants_${generation} (
      no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, bucket INTEGER NOT NULL, line TEXT NOT NULL, folded TEXT NOT NULL
    ) STRICT;
    CREATE TABLE credentials_${generation} (
      prefix INTEGER NOT NULL, participant INTEGER NOT NULL, PRIMARY KEY (prefix, participant)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO sets (name, rows, buckets) VALUES ('roster_${generation}', 0, '');`
}

interface Stored {
  readonly no: number
  readonly id: string
  readonly line: string
}

interface StateRow {
  readonly rows: number
  readonly buckets: string
  readonly rules: string | null
  readonly last_no: number
  readonly settled: number
}

export interface RosterSet {
  rows(): number
  /** Whether the organizer gives names to gates, as the first row shows; undefined while there is none. */
  hasNames(): boolean | undefined
  rules(): EventRules | undefined
  buckets(): readonly bigint[]
  participant(id: ParticipantId): Participant | undefined
  byCredential(key: CredentialKey): Participant | undefined
  /** Rows whose folded name or id holds all words (at most MAX_WORDS); at most `atMost`. */
  find(words: readonly string[], atMost: number): readonly Participant[]
  apply(rows: readonly RosterRow[]): void
  removeBuckets(buckets: readonly number[]): void
  /** Deletes at most `atMost` rows; true when nothing is left. */
  shrink(atMost: number): boolean
  /** After a rolled back transaction: what is in memory is read again. */
  reload(): void
}

/**
 * Pseudonyms are random, so each one touches another page of their table. New ones wait in memory and are inserted in order,
 * many to a page, which halves the time of a first fill. Nothing is lost by that: the rows themselves hold them, and
 * `settled` says from which row on they have to be read back.
 */
const WAITING_AT_MOST = 8_000

export function createRosterSet(db: Database, generation: Generation): RosterSet {
  const sql = prepare(db, generation)
  let state = load()
  let waiting = loadWaiting()

  function load() {
    const row = sql.state.get() as StateRow
    const parsed = row.buckets === '' ? emptyBuckets() : bucketsFromHex(row.buckets.match(/.{32}/g) ?? [])
    const { rows, rules, last_no: lastNo, settled } = row
    return { rows, rulesText: rules, rules: rulesOf(rules), buckets: parsed, lastNo, settled }
  }

  function loadWaiting(): Map<number, number[]> {
    const found = new Map<number, number[]>()
    for (const { no, line } of sql.after.iterate(state.settled) as IterableIterator<Stored>) {
      for (const { key } of participantOf(line).credentials) wait(found, prefixOf(key), no)
    }
    return found
  }

  function save(): void {
    const { rows, rulesText, lastNo, settled } = state
    sql.saveState.run(rows, bucketsToHex(state.buckets).join(''), rulesText, lastNo, settled)
  }

  function put(participant: Extract<RosterRow['line'], { kind: 'participant' }>, text: string): void {
    remove(participant.id)
    const bucket = bucketOf('participant', participant.id)
    // Given here and never given again: a number that SQLite reuses could hide a row from `loadWaiting`.
    state.lastNo += 1
    sql.insert.run(state.lastNo, participant.id, bucket, text, foldPerson(participant))
    for (const { key } of participant.credentials) wait(waiting, prefixOf(key), state.lastNo)
    addRow(state.buckets, 'participant', participant.id, text)
    state.rows += 1
  }

  function remove(id: string): void {
    const old = sql.byId.get(id) as Stored | undefined
    if (!old) return
    removeStored(old)
    removeRow(state.buckets, 'participant', id, old.line)
    state.rows -= 1
  }

  function removeStored(old: Stored): void {
    for (const { key } of participantOf(old.line).credentials) {
      const prefix = prefixOf(key)
      if (old.no <= state.settled) sql.deleteCredential.run(prefix, old.no)
      else
        waiting.set(
          prefix,
          (waiting.get(prefix) ?? []).filter((no) => no !== old.no),
        )
    }
    sql.deleteRow.run(old.no)
  }

  function setRules(id: string, text: string): void {
    dropRules()
    addRow(state.buckets, 'rules', id, text)
    state = { ...state, rulesText: text, rules: rulesOf(text) }
  }

  function dropRules(): void {
    if (state.rulesText === null || !state.rules) return
    removeRow(state.buckets, 'rules', state.rules.id, state.rulesText)
    state = { ...state, rulesText: null, rules: undefined }
  }

  function settle(): void {
    const inOrder = [...waiting].sort(([one], [other]) => one - other)
    for (const [prefix, nos] of inOrder) for (const no of nos) sql.insertCredential.run(prefix, no)
    waiting.clear()
    state.settled = state.lastNo
  }

  function holders(key: CredentialKey): Participant[] {
    const prefix = prefixOf(key)
    const fresh = (waiting.get(prefix) ?? []).flatMap((no) => (sql.byNo.get(no) as Stored | undefined) ?? [])
    const rows = [...fresh, ...(sql.byPrefix.all(prefix) as Stored[])]
    return rows.map((row) => participantOf(row.line)).filter((one) => one.credentials.some((own) => own.key === key))
  }

  return {
    rows: () => state.rows,
    hasNames() {
      const [first] = sql.some.all(1) as Stored[]
      return first && participantOf(first.line).name !== undefined
    },
    rules: () => state.rules,
    buckets: () => state.buckets,
    participant(id) {
      const row = sql.byId.get(id) as Stored | undefined
      return row && participantOf(row.line)
    },
    byCredential(key) {
      const found = holders(key)
      // A credential that was handed on is revoked with one person and active with the next: the latter is meant.
      return found.find((one) => one.credentials.some((own) => own.key === key && own.status === 'active')) ?? found[0]
    },
    find(words, atMost) {
      const [a = '%', b = '%', c = '%', d = '%'] = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`)
      return (sql.find.all(a, b, c, d, atMost) as Stored[]).map((row) => participantOf(row.line))
    },
    apply(rows) {
      for (const { line, text } of rows) {
        if (line.kind === 'participant') put(line, text)
        else if (line.kind === 'rules') setRules(line.id, text)
        else remove(line.id)
      }
      if (waiting.size >= WAITING_AT_MOST) settle()
      save()
    },
    removeBuckets(buckets) {
      for (const row of sql.inBuckets.all(JSON.stringify(buckets)) as Stored[]) remove(row.id)
      if (state.rules && buckets.includes(bucketOf('rules', state.rules.id))) dropRules()
      save()
    },
    shrink(atMost) {
      const some = sql.some.all(atMost) as Stored[]
      for (const row of some) removeStored(row)
      if (some.length === atMost) return false
      if (some.length === 0 && state.rows === 0 && state.rulesText === null) return true
      waiting.clear()
      state = { ...state, rows: 0, rulesText: null, rules: undefined, buckets: emptyBuckets(), settled: state.lastNo }
      save()
      return true
    },
    reload() {
      state = load()
      waiting = loadWaiting()
    },
  }
}

function wait(waiting: Map<number, number[]>, prefix: number, no: number): void {
  const others = waiting.get(prefix)
  if (others) others.push(no)
  else waiting.set(prefix, [no])
}

function participantOf(line: string): Participant {
  const { kind: _, ...participant } = JSON.parse(line) as Participant & { kind: string }
  return participant
}

function rulesOf(text: string | null): EventRules | undefined {
  if (text === null) return undefined
  const { kind: _, ...rules } = JSON.parse(text) as EventRules & { kind: string }
  return rules
}

function prefixOf(key: string): number {
  return Number.parseInt(key.slice(0, 12), 16) || 0
}

function prepare(db: Database, generation: Generation) {
  const people = `participants_${generation}`
  const credentials = `credentials_${generation}`
  return {
    state: db.prepare(`SELECT rows, buckets, rules, last_no, settled FROM sets WHERE name = 'roster_${generation}'`),
    saveState: db.prepare(
      `UPDATE sets SET rows = ?, buckets = ?, rules = ?, last_no = ?, settled = ? WHERE name = 'roster_${generation}'`,
    ),
    insert: db.prepare(`INSERT INTO ${people} (no, id, bucket, line, folded) VALUES (?, ?, ?, ?, ?)`),
    insertCredential: db.prepare(`INSERT OR IGNORE INTO ${credentials} (prefix, participant) VALUES (?, ?)`),
    byId: db.prepare(`SELECT no, id, line FROM ${people} WHERE id = ?`),
    byNo: db.prepare(`SELECT no, id, line FROM ${people} WHERE no = ?`),
    after: db.prepare(`SELECT no, id, line FROM ${people} WHERE no > ?`),
    byPrefix: db.prepare(
      `SELECT p.no, p.id, p.line FROM ${credentials} c JOIN ${people} p ON p.no = c.participant WHERE c.prefix = ? LIMIT 8`,
    ),
    deleteRow: db.prepare(`DELETE FROM ${people} WHERE no = ?`),
    deleteCredential: db.prepare(`DELETE FROM ${credentials} WHERE prefix = ? AND participant = ?`),
    inBuckets: db.prepare(`SELECT no, id, line FROM ${people} WHERE bucket IN (SELECT value FROM json_each(?))`),
    some: db.prepare(`SELECT no, id, line FROM ${people} LIMIT ?`),
    find: db.prepare(
      `SELECT no, id, line FROM ${people} WHERE ${Array(MAX_WORDS).fill("folded LIKE ? ESCAPE '\\'").join(' AND ')} LIMIT ?`,
    ),
  }
}
