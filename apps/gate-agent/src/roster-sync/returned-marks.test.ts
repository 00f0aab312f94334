import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochId, EventId, GateId, ParticipantId } from '@gatehouse/domain'
import type { FeedHeader, PresenceLine } from '@gatehouse/protocol'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteJournal, type SqliteJournal } from '../store/sqlite-journal.ts'
import { createSqliteRoster, type SqliteRoster } from '../store/sqlite-roster.ts'
import { createReturnedMarks, type ReturnedMarks } from './returned-marks.ts'

const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const alice = '01990000-0000-7000-8000-00000000b001' as ParticipantId
const epoch = '01990000-0000-7000-8000-0000000000e1' as EpochId
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

let folder: string
let mono: number
let journal: SqliteJournal
let roster: SqliteRoster
let returned: ReturnedMarks

/** As after the start of the program: nothing is known of the cloud, and the files are as they were left. */
function start(): void {
  journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch: () => epoch })
  roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  returned = createReturnedMarks({ journal, roster, gate, clock: { monoMs: () => mono } })
}

function restart(): void {
  journal.close()
  roster.close()
  start()
}

/** Alice enters at our gate at 5, and the cloud has acknowledged it. */
function enter(): void {
  const clock = { trust: 'synced', offsetMs: 0, errorMs: 0 } as const
  const entry = { at: 5, monoMs: 1, boot: epoch, clock, kind: 'system', what: 'stands for an entry' } as const
  journal.append(entry, { participant: alice, gate, direction: 'entry', at: 5 })
  journal.acknowledge(epoch, journal.lastSeq(), [])
}

const inside = {
  kind: 'presence',
  id: alice,
  inside: true,
  entries: 1,
  lastGate: gate,
  lastDirection: 'entry',
} as const

/** A page of a cloud that never says what it covers. */
function arrived(lines: readonly PresenceLine[], { isAnswer = true, more = false } = {}): void {
  const from = roster.cursor('presence')
  const to = from + lines.length
  roster.applyPresence({ from, to, lines })
  const header: FeedHeader = {
    v: 1,
    event: '01990000-0000-7000-8000-00000000e001' as EventId,
    feed: 'presence',
    from,
    to,
    head: to,
    more,
    body: '0'.repeat(64),
    sig: `${'A'.repeat(86)}==`,
  }
  returned.applied(header, lines, isAnswer)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-marks-'))
  folders.push(folder)
  mono = 0
  start()
})

describe('with a cloud that does not say what it covers', () => {
  test('a power cut that takes the presence back finds the mark still there', () => {
    enter()
    arrived([{ ...inside, lastAt: 5 }])
    expect(journal.marksOf(alice)).toEqual([])
    journal.close()
    roster.close()
    rmSync(join(folder, 'roster.db'))
    start()
    expect(roster.presence(alice)).toBeUndefined()
    expect(journal.marksOf(alice)).toHaveLength(1)
    arrived([])
    expect(journal.marksOf(alice)).toHaveLength(1)
  })

  test('a mark that a restart brought back is forgotten again by the presence that was not lost', () => {
    enter()
    arrived([{ ...inside, lastAt: 5 }])
    restart()
    expect(journal.marksOf(alice)).toHaveLength(1)
    arrived([])
    expect(journal.marksOf(alice)).toEqual([])
  })

  test('half a minute later it is forgotten for good, after the roster was flushed', () => {
    enter()
    arrived([{ ...inside, lastAt: 5 }])
    mono += 30_000
    arrived([])
    restart()
    expect(journal.marksOf(alice)).toEqual([])
  })

  test('a line that came before its answer was complete counts when it is', () => {
    enter()
    arrived([{ ...inside, lastAt: 5 }], { more: true })
    expect(journal.marksOf(alice)).toHaveLength(1)
    arrived([])
    expect(journal.marksOf(alice)).toEqual([])
  })

  test('presence that is older than the mark, or from another gate, proves nothing', () => {
    enter()
    arrived([{ ...inside, lastAt: 4 }])
    arrived([{ ...inside, lastAt: 9, lastGate: '01990000-0000-7000-8000-00000000a002' as GateId }])
    expect(journal.marksOf(alice)).toHaveLength(1)
  })
})
