import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochId } from '@gatehouse/domain'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { aDecision, alice, aPassage, firstEpoch, journalContract, secondEpoch } from './journal-contract.ts'
import type { JournalStore } from './ports.ts'
import { createSqliteJournal, type SqliteJournal } from './sqlite-journal.ts'

const folders: string[] = []
const paths = new WeakMap<JournalStore, string>()
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-journal-'))
  folders.push(folder)
  return join(folder, 'journal.sqlite')
}

function open(path = freshPath(), epoch: EpochId = firstEpoch): SqliteJournal {
  const journal = createSqliteJournal({ path, epoch: () => epoch })
  paths.set(journal, path)
  return journal
}

journalContract(
  'sqlite',
  () => open(),
  (journal) => open(paths.get(journal), secondEpoch),
)

test('the file is closed to other accounts, its log and index too', () => {
  const path = freshPath()
  const journal = open(path)
  journal.append(aDecision())
  for (const end of ['', '-wal', '-shm']) expect(statSync(path + end).mode & 0o777).toBe(0o600)
})

test('a damaged file is put aside as evidence and a new epoch begins', () => {
  const path = freshPath()
  open(path).close()
  writeFileSync(path, Buffer.alloc(8_192, 7))
  const journal = open(path, secondEpoch)
  expect(journal.epoch()).toBe(secondEpoch)
  expect(journal.opening.quarantined).toContain(secondEpoch)
  expect(existsSync(journal.opening.quarantined ?? '')).toBe(true)
  expect(journal.append(aDecision()).seq).toBe(1)
})

test('a file cut in the middle of a page is put aside, not half believed', () => {
  const path = freshPath()
  const first = open(path)
  for (let n = 0; n < 200; n += 1) first.append(aDecision(), aPassage())
  first.checkpoint()
  first.close()
  truncateSync(path, 20_000)
  const journal = open(path, secondEpoch)
  expect(journal.opening.quarantined).toBeDefined()
  expect(journal.lastSeq()).toBe(0)
})

test('a line whose bits have rotted is located, and the rows after it can still be sent', () => {
  const path = freshPath()
  const first = open(path)
  for (let n = 0; n < 5; n += 1) first.append(aDecision())
  first.close()
  const db = new Database(path)
  db.exec(`UPDATE entries SET line = replace(line, '"admit"', '"abmit"') WHERE id % 1099511627776 = 3`)
  db.close()
  const journal = open(path)
  expect(journal.opening).toEqual({ brokenAt: 3 })
  expect(journal.append(aDecision()).seq).toBe(6)
})

test('a file that a newer release wrote is refused and left untouched', () => {
  const path = freshPath()
  open(path).close()
  const db = new Database(path)
  db.pragma('user_version = 99')
  db.close()
  expect(() => open(path)).toThrow(expect.objectContaining({ code: 'GH-STORE-001' }))
  expect(existsSync(path)).toBe(true)
})

test('a file that cannot be opened is a failure with its cause, and is not put aside', () => {
  const folder = freshPath()
  execFileSync('mkdir', ['-p', folder])
  expect(() => open(folder)).toThrow(expect.objectContaining({ code: 'GH-STORE-002' }))
})

test('a refused write leaves numbers and marks as they were', () => {
  const path = freshPath()
  const journal = open(path)
  journal.append(aDecision())
  const other = new Database(path)
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT raise(ABORT, 'disk full'); END`)
  expect(() => journal.append(aDecision(), aPassage())).toThrow(expect.objectContaining({ code: 'GH-STORE-003' }))
  expect(journal.lastSeq()).toBe(1)
  expect(journal.marksOf(alice)).toEqual([])
  other.exec('DROP TRIGGER full')
  other.close()
  expect(journal.append(aDecision()).seq).toBe(2)
})

test('a journal whose schema is not what its number says is left alone: facts are not put aside for a mistake of ours', () => {
  const path = freshPath()
  open(path).close()
  const odd = new Database(path)
  odd.exec('ALTER TABLE entries RENAME TO other')
  odd.close()
  expect(() => open(path)).toThrow(expect.objectContaining({ code: 'GH-STORE-002' }))
  expect(existsSync(path)).toBe(true)
})
