import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochId, Participant } from '@gatehouse/domain'
import { createFakeDoor, createFakeLight } from '@gatehouse/drivers'
import { canonicalJson, type RosterLine } from '@gatehouse/protocol'
import { createBoundedQueue, silentLogger, systemClock } from '@gatehouse/runtime'
import { aParticipant, someEvent, someGate, someInstant, someKey, someParticipant, someRules } from '@gatehouse/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAdmit } from './admit/admit.ts'
import { createDoorkeeper } from './door/doorkeeper.ts'
import { createLamp } from './door/lamp.ts'
import type { LiveMessage } from './kiosk-api/wire.ts'
import { createLane, type Lane, serveLane, type Waiting } from './lane.ts'
import { createSqliteJournal, type SqliteJournal } from './store/sqlite-journal.ts'
import { createSqliteRoster } from './store/sqlite-roster.ts'

let folder = ''
let journal: SqliteJournal
let lane: Lane
let driver = createFakeDoor()
const messages: LiveMessage[] = []
const shown = { presented: { kind: 'credential', of: 'qr', key: someKey }, via: 'qr' } as const
const byHand = { presented: { kind: 'participant', id: someParticipant }, via: 'manual', staff: 'desk-1' } as const

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-lane-'))
  journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch: () => 'e' as EpochId })
  driver = createFakeDoor()
  messages.length = 0
  lane = openLane([aParticipant({ name: '김소영', attention: 'headset' })])
})
afterEach(() => {
  journal.close()
  rmSync(folder, { recursive: true, force: true })
})

function openLane(people: readonly Participant[]): Lane {
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  const { zones, gates } = someRules()
  const rules = { kind: 'rules', id: someEvent, zones, gates } as RosterLine
  const lines = [rules, ...people.map((person) => ({ kind: 'participant', ...person }) as RosterLine)]
  roster.applyRoster({ from: 0, to: 1, lines: lines.map((line) => ({ line, text: canonicalJson(line) })) })
  const clock = { ...systemClock, now: () => someInstant }
  const clockState = () => ({ trust: 'synced', offsetMs: 0, errorMs: 1 }) as const
  const boot = '01990000-0000-7000-8000-00000000f001'
  const admit = createAdmit({
    journal,
    roster,
    clock,
    boot,
    clockState,
    event: someEvent,
    gate: someGate,
    isOffline: () => true,
  })
  const logger = silentLogger
  const door = createDoorkeeper({
    driver,
    releaseMs: 100,
    journal: () => undefined,
    passed: () => undefined,
    clock,
    logger,
  })
  const lamp = createLamp({ driver: createFakeLight(), clock, logger })
  const announce = (message: LiveMessage) => void messages.push(message)
  return createLane({
    lane: 'a',
    direction: 'entry',
    admit,
    journal,
    roster,
    door,
    lamp,
    clock,
    announce,
    decided: () => undefined,
  })
}

test('when the door moves, the decision is already on disk', () => {
  const seqs: number[] = []
  const energise = driver.energise.bind(driver)
  driver.energise = () => {
    seqs.push(journal.lastSeq())
    return energise()
  }
  const answer = lane.serve(shown)
  expect(answer).toMatchObject({ seq: 1, lane: 'a', direction: 'entry', decision: { outcome: 'admit' } })
  expect(seqs).toEqual([1])
})

test('a journal that cannot be written opens no door', () => {
  journal.close()
  expect(() => lane.serve(shown)).toThrow(expect.objectContaining({ code: 'GH-STORE-003' }))
  expect(driver.changes).toEqual([])
})

test('a denial is journalled and opens nothing', () => {
  const answer = lane.serve({ presented: { kind: 'unreadable', why: 'bad-signature' }, via: 'qr' })
  expect(answer).toMatchObject({ seq: 1, decision: { outcome: 'deny', reason: 'bad-signature' } })
  expect(driver.changes).toEqual([])
})

test('the same ticket held a moment longer is answered as before: no entry, no second pulse', () => {
  lane.serve(shown)
  const again = lane.serve(shown)
  expect(again.decision).toMatchObject({ outcome: 'admit', repeated: true })
  expect(again.seq).toBeUndefined()
  expect([journal.lastSeq(), driver.changes]).toEqual([1, ['energised']])
})

test('an answer shows the person and that they are now inside, but never their credentials', () => {
  const { participant } = lane.serve(shown)
  expect(participant).toMatchObject({ name: '김소영', attention: 'headset', presence: { inside: true, entries: 1 } })
  expect(JSON.stringify(participant)).not.toContain(someKey)
})

test('an admission that was taken back leaves the person outside, and they can be let in again', () => {
  const { seq = 0 } = lane.serve(byHand)
  expect(lane.undo(seq, 'desk-1', 'wrong person')).toBe(true)
  expect(lane.undo(seq, 'desk-1', 'again')).toBe(false)
  expect(lane.undo(99, 'desk-1', 'never was')).toBe(false)
  expect(lane.person(someParticipant)?.presence).toBeUndefined()
  expect(lane.serve(shown).decision.outcome).toBe('admit')
  expect(lane.recent(5).map((answer) => answer.undone ?? false)).toEqual([false, true])
  expect(messages.map((message) => message.event)).toEqual(['answer', 'undone', 'answer'])
})

test('what a scanner put into the queue is served whether or not anybody waits for the answer', async () => {
  const readings = createBoundedQueue<Waiting>({ size: 4, whenFull: 'drop-oldest' })
  const ending = new AbortController()
  const ended = serveLane(lane, readings, ending.signal)
  readings.push({ brought: shown })
  await vi.waitFor(() => expect(journal.lastSeq()).toBe(1))
  const answered = vi.fn()
  readings.push({ brought: byHand, answered })
  await vi.waitFor(() => expect(answered).toHaveBeenCalledTimes(1))
  ending.abort()
  await ended
})
