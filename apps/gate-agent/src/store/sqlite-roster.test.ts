import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson } from '@gatehouse/protocol'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import type { RosterStore } from './ports.ts'
import { aPerson, rosterContract } from './roster-contract.ts'
import { createSqliteRoster, type SqliteRoster } from './sqlite-roster.ts'

const folders: string[] = []
const paths = new WeakMap<RosterStore, string>()
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function open(path?: string): SqliteRoster {
  const folder = path ? '' : mkdtempSync(join(tmpdir(), 'gatehouse-roster-'))
  if (folder) folders.push(folder)
  const at = path ?? join(folder, 'roster.sqlite')
  const roster = createSqliteRoster({ path: at })
  paths.set(roster, at)
  return roster
}

const row = (n: number, name?: string) => {
  const line = aPerson(n, name === undefined ? {} : { name })
  return { line, text: canonicalJson(line) }
}

rosterContract(
  'sqlite',
  () => open(),
  (roster) => open(paths.get(roster)),
)

test('the file is closed to other accounts', () => {
  const roster = open()
  expect(statSync(paths.get(roster) ?? '').mode & 0o777).toBe(0o600)
})

test('a page that cannot be written changes neither rows nor root nor cursor', () => {
  const roster = open()
  roster.applyRoster({ from: 0, to: 1, lines: [row(1)] })
  const before = [roster.root(), roster.rows(), roster.cursor('roster')]
  const other = new Database(paths.get(roster) ?? '')
  other.exec(
    `CREATE TRIGGER full BEFORE INSERT ON participants_a WHEN new.id LIKE '%3' BEGIN SELECT raise(ABORT, 'full'); END`,
  )
  const page = { from: 1, to: 3, lines: [row(2), row(3)] }
  expect(() => roster.applyRoster(page)).toThrow(expect.objectContaining({ code: 'GH-STORE-005' }))
  expect([roster.root(), roster.rows(), roster.cursor('roster')]).toEqual(before)
  other.close()
})

test('the generation that is out of use is emptied a little at a time', () => {
  const roster = open()
  roster.applyRoster({ from: 0, to: 1, lines: Array.from({ length: 1_200 }, (_, n) => row(n)) })
  roster.stageSnapshot('roster', { from: 0, to: 2, lines: [row(1)] })
  roster.finishSnapshot('roster', 2)
  const calls = [roster.tidy(), roster.tidy(), roster.tidy()]
  expect(calls).toEqual([false, false, true])
  expect(roster.rows()).toBe(1)
  const other = new Database(paths.get(roster) ?? '', { readonly: true })
  expect(other.prepare('SELECT count(*) AS n FROM participants_a').get()).toEqual({ n: 0 })
  expect(other.prepare('SELECT count(*) AS n FROM credentials_a').get()).toEqual({ n: 0 })
  other.close()
})

test('Korean names are found by their initial consonants', () => {
  const roster = open()
  roster.applyRoster({ from: 0, to: 2, lines: [row(1, '김소영'), row(2, '박지훈')] })
  expect(roster.search('ㄱㅅㅇ', 10).map((person) => person.name)).toEqual(['김소영'])
})

test('a damaged file is put aside and the roster is asked for again from 0', () => {
  const first = open()
  first.applyRoster({ from: 0, to: 5, lines: [row(1)] })
  const path = paths.get(first) ?? ''
  first.close()
  writeFileSync(path, Buffer.alloc(16_384, 3))
  const roster = open(path)
  expect(existsSync(roster.quarantined ?? '')).toBe(true)
  expect([roster.cursor('roster'), roster.rows()]).toEqual([0, 0])
})

test('credentials are found before and after they are settled, across restarts and removals', () => {
  const first = open()
  const path = paths.get(first) ?? ''
  const keyAt = (n: number) => row(n).line.credentials[0]?.key ?? ('' as never)
  // More than may wait, then a few that do; the last row goes and its number must not come back.
  for (let from = 0; from < 9_000; from += 1_000) {
    first.applyRoster({ from, to: from + 1_000, lines: Array.from({ length: 1_000 }, (_, n) => row(from + n)) })
  }
  first.applyRoster({
    from: 9_000,
    to: 9_002,
    lines: [row(9_000), { line: { kind: 'remove', of: 'participant', id: row(9_000).line.id }, text: '' }],
  })
  first.applyRoster({ from: 9_002, to: 9_003, lines: [row(9_001)] })
  const look = (roster: SqliteRoster) =>
    [0, 4_000, 8_999, 9_000, 9_001].map((n) => roster.byCredential(keyAt(n))?.id === row(n).line.id)
  expect(look(first)).toEqual([true, true, true, false, true])
  first.close()
  expect(look(open(path))).toEqual([true, true, true, false, true])
})

test('a file of the first schema is brought to the present one with its people', () => {
  const first = open()
  first.applyRoster({ from: 0, to: 5, lines: [row(1), row(2)] })
  const path = paths.get(first) ?? ''
  first.close()
  const old = new Database(path)
  // What the first release left: no column of the later steps, and all credentials in their table.
  old.exec(
    'ALTER TABLE sets DROP COLUMN last_no; ALTER TABLE sets DROP COLUMN settled; ALTER TABLE feeds DROP COLUMN whole; PRAGMA user_version = 1',
  )
  const fill = old.prepare('INSERT INTO credentials_a (prefix, participant) VALUES (?, ?)')
  for (const no of [1, 2]) fill.run(Number.parseInt((row(no).line.credentials[0]?.key ?? '').slice(0, 12), 16), no)
  old.close()
  const roster = open(path)
  expect(roster.quarantined).toBeUndefined()
  expect([roster.cursor('roster'), roster.rows()]).toEqual([5, 2])
  expect(roster.byCredential(row(2).line.credentials[0]?.key as never)?.id).toBe(row(2).line.id)
  roster.applyRoster({ from: 5, to: 6, lines: [row(3)] })
  expect(roster.byCredential(row(3).line.credentials[0]?.key as never)?.id).toBe(row(3).line.id)
})

test('a file whose schema is not what its number says is put aside and filled again', () => {
  const first = open()
  const path = paths.get(first) ?? ''
  first.close()
  const odd = new Database(path)
  odd.pragma('user_version = 1')
  odd.close()
  const roster = open(path)
  expect(roster.quarantined).toBeDefined()
  expect(roster.rows()).toBe(0)
})
