import { createHash } from 'node:crypto'
import type { CredentialKey, EpochId, EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import {
  addRow,
  bulkBody,
  canonicalJson,
  downTopic,
  emptyBuckets,
  encodeBulk,
  type FeedHeader,
  feedTopic,
  type ParticipantLine,
  type PresenceLine,
  type RosterLine,
  rootOf,
} from '@gatehouse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { JournalStore, RosterStore } from '../store/ports.ts'
import { createSqliteJournal } from '../store/sqlite-journal.ts'
import { createSqliteRoster } from '../store/sqlite-roster.ts'
import { createFeedSync, type FeedNote, type FeedSync } from './feed-sync.ts'

const org = '01990000-0000-7000-8000-000000000001' as OrgId
const event = '01990000-0000-7000-8000-00000000e001' as EventId
const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const epoch = '01990000-0000-7000-8000-0000000000e1' as EpochId
const live = feedTopic(org, event, 'roster')
const answers = downTopic(org, gate, 'feed')
const idOf = (n: number) => `01990000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as ParticipantId
const sig = `${'A'.repeat(86)}==`

let mono: number
let roster: RosterStore
let journal: JournalStore
let sync: FeedSync
let notes: FeedNote[]
let isGenuine: boolean

function person(n: number, given: Partial<ParticipantLine> = {}): ParticipantLine {
  const key = n.toString(16).padStart(32, '0') as CredentialKey
  const credentials = [{ kind: 'qr', key, status: 'active' }] as const
  const base = { kind: 'participant', id: idOf(n), status: 'active', ticketType: 'day', zones: [] } as const
  return { ...base, entryPolicy: 're-entry', credentials, ...given }
}

function page(lines: readonly (RosterLine | PresenceLine)[], given: Partial<FeedHeader>): Uint8Array {
  const texts = lines.map((line) => canonicalJson(line))
  const body = createHash('sha256').update(bulkBody(texts)).digest('hex')
  const { from = 0, to = from + lines.length } = given
  return encodeBulk({ v: 1, event, feed: 'roster', from, to, head: to, more: false, body, sig, ...given }, texts)
}

function rootOfLines(lines: readonly RosterLine[]): string {
  const buckets = emptyBuckets()
  for (const line of lines) addRow(buckets, line.kind, line.id, canonicalJson(line))
  return rootOf(buckets)
}

beforeEach(() => {
  mono = 1_000
  notes = []
  isGenuine = true
  roster = createSqliteRoster({ path: ':memory:' })
  journal = createSqliteJournal({ path: ':memory:', epoch: () => epoch })
  sync = createFeedSync({
    roster,
    journal,
    org,
    event,
    gate,
    verify: () => isGenuine,
    clock: { now: () => 1_795_000_000_000 + mono, monoMs: () => mono },
    random: () => 0.5,
    note: (note) => notes.push(note),
  })
})

/** Connected, and its first questions asked. */
function online(): number {
  sync.connected()
  return sync.tick()[0]?.sentAt ?? 0
}

const asked = () => sync.tick().filter(({ feed }) => feed === 'roster')

describe('pages', () => {
  test('both feeds are asked for as soon as there is a connection', () => {
    sync.connected()
    expect(sync.tick().map(({ feed, cursor }) => [feed, cursor])).toEqual([
      ['roster', 0],
      ['presence', 0],
    ])
  })

  test('a page is applied only when it begins at the cursor; after a gap the feed is asked for', () => {
    online()
    sync.received(live, page([person(1)], { from: 0 }))
    expect(roster.cursor('roster')).toBe(1)
    sync.received(live, page([person(3)], { from: 2 }))
    expect([roster.cursor('roster'), roster.rows()]).toEqual([1, 1])
    mono += 200
    expect(asked().map(({ cursor }) => cursor)).toEqual([1])
  })

  test('pages in the wrong order and twice end in the same roster as in order', () => {
    online()
    const pages = [page([person(1)], { from: 0 }), page([person(1, { status: 'blocked' })], { from: 1 })]
    for (const each of [pages[1], pages[0], pages[1], pages[0]]) sync.received(live, each as Uint8Array)
    expect([roster.cursor('roster'), roster.participant(idOf(1))?.status]).toEqual([2, 'blocked'])
  })

  test('a page that our organization did not sign, or whose body is another, changes nothing', () => {
    online()
    isGenuine = false
    sync.received(live, page([person(1)], { from: 0 }))
    isGenuine = true
    sync.received(live, page([person(1)], { from: 0, body: '0'.repeat(64) }))
    sync.received(live, new Uint8Array([0, 255, 10]))
    expect(roster.cursor('roster')).toBe(0)
    expect(notes.map((note) => note.what)).toEqual(['refused-page', 'refused-page', 'refused-page'])
  })

  test('an answer with more behind it is followed by the next question at once', () => {
    online()
    sync.received(answers, page([person(1)], { from: 0, head: 5, more: true }))
    expect(asked().map(({ cursor }) => cursor)).toEqual([1])
  })

  test('the roster counts as whole when its head is reached, not before, and from then on', () => {
    online()
    sync.received(answers, page([person(1)], { from: 0, head: 2, more: true }))
    expect(roster.isWhole()).toBe(false)
    sync.received(answers, page([person(2)], { from: 1, head: 2 }))
    expect(roster.isWhole()).toBe(true)
    sync.received(answers, page([person(3)], { from: 2, head: 9, more: true }))
    expect(roster.isWhole()).toBe(true)
  })

  test('a line that cannot be read does not keep the others out', () => {
    online()
    sync.received(live, page([{ kind: 'mystery', id: 'x' } as never, person(1)], { from: 0 }))
    expect([roster.cursor('roster'), roster.rows()]).toEqual([2, 1])
    expect(notes).toContainEqual({ what: 'unreadable-lines', feed: 'roster', count: 1 })
  })

  test('without an answer the question is asked again, more and more slowly, and in silence once in a while', () => {
    online()
    const first = sync.dueAt() - mono
    mono = sync.dueAt()
    sync.tick()
    expect(sync.dueAt() - mono).toBeGreaterThan(first)
    sync.received(live, page([], { from: 0 }))
    sync.received(feedTopic(org, event, 'presence'), page([], { from: 0, feed: 'presence' }))
    const quiet = sync.dueAt() - mono
    expect(quiet).toBeGreaterThanOrEqual(15_000)
    expect(quiet).toBeLessThanOrEqual(20_000)
  })
})

describe('the root', () => {
  test('where it differs the buckets are sent, and exactly those that come back are replaced', () => {
    const sentAt = online()
    sync.received(live, page([person(1)], { from: 0, root: rootOfLines([person(1), person(2)]) }))
    expect(notes.map((note) => note.what)).toContain('root-differs')
    mono += 200
    const [question] = asked()
    expect(question?.buckets).toHaveLength(256)
    const buckets = Array.from({ length: 256 }, (_, index) => index)
    const root = rootOfLines([person(1), person(2)])
    const whole = { from: 1, to: 1, buckets, root }
    sync.received(answers, page([person(1), person(2)], { ...whole, echo: { sentAt: sentAt - 5 } }))
    expect(roster.rows()).toBe(1)
    sync.received(answers, page([person(1), person(2)], { ...whole, echo: { sentAt: question?.sentAt ?? 0 } }))
    expect([roster.rows(), roster.root()]).toEqual([2, root])
    mono = sync.dueAt()
    expect(asked().every((request) => request.buckets === undefined)).toBe(true)
  })
})

describe('snapshots', () => {
  test('the old roster decides until the last page; then the new one is there at once', () => {
    sync.received(live, page([person(9)], { from: 0 }))
    const sentAt = online()
    const given = { snapshot: true, head: 20 }
    sync.received(answers, page([person(1)], { ...given, from: 0, to: 10, more: true, echo: { sentAt } }))
    expect([roster.cursor('roster'), roster.participant(idOf(9))?.id]).toEqual([1, idOf(9)])
    const [next] = asked()
    expect(next).toMatchObject({ cursor: 10, snapshot: true })
    sync.received(answers, page([person(2)], { ...given, from: 10, to: 20, echo: { sentAt: next?.sentAt ?? 0 } }))
    expect([roster.cursor('roster'), roster.rows(), roster.participant(idOf(9))]).toEqual([20, 2, undefined])
  })

  test('one that nobody asked for is ignored: it might bring back what was revoked since', () => {
    const sentAt = online()
    sync.received(live, page([person(1, { status: 'blocked' })], { from: 0 }))
    sync.received(answers, page([person(1)], { snapshot: true, from: 0, to: 1, echo: { sentAt } }))
    expect(roster.participant(idOf(1))?.status).toBe('blocked')
  })
})

describe('own marks', () => {
  const presence = (entries: number): PresenceLine => ({
    kind: 'presence',
    id: idOf(1),
    inside: true,
    entries,
    lastAt: 5,
    lastGate: gate,
    lastDirection: 'entry',
  })

  function enter(): void {
    const clock = { trust: 'synced', offsetMs: 0, errorMs: 0 } as const
    journal.append(
      { at: 5, monoMs: 1, boot: epoch, clock, kind: 'system', what: 'stands for an entry' },
      {
        participant: idOf(1),
        gate,
        direction: 'entry',
        at: 5,
      },
    )
  }

  const covering = (through: number) => ({ feed: 'presence', covers: { [gate]: { epoch, through } } }) as const
  const presenceTopic = feedTopic(org, event, 'presence')

  test('they are forgotten when a page covers them and they were acknowledged, not before', () => {
    online()
    enter()
    enter()
    sync.received(presenceTopic, page([presence(1)], { from: 0, ...covering(2) }))
    expect(journal.marks()).toHaveLength(2)
    journal.acknowledge(epoch, 1, [])
    sync.received(presenceTopic, page([presence(2)], { from: 1, ...covering(2) }))
    expect(journal.marks().map(({ seq }) => seq)).toEqual([2])
  })

  test('marks of a parked entry live on in the present epoch although the ended one is covered', () => {
    online()
    enter()
    journal.openEpoch('01990000-0000-7000-8000-0000000000e2' as EpochId)
    sync.received(presenceTopic, page([presence(1)], { from: 0, ...covering(9) }))
    expect(journal.marks()).toHaveLength(1)
  })

  test('an answer of several pages without covers does not make them forgotten', () => {
    online()
    enter()
    journal.acknowledge(epoch, 1, [])
    sync.received(answers, page([presence(1)], { from: 0, head: 9, more: true, feed: 'presence' }))
    expect(journal.marks()).toHaveLength(1)
  })

  test('from a cloud that never says what it covers, a line with our own later passage is proof', () => {
    online()
    enter()
    journal.acknowledge(epoch, 1, [])
    sync.received(answers, page([presence(1)], { from: 0, feed: 'presence' }))
    expect(journal.marks()).toHaveLength(0)
  })

  test('for good they are forgotten only after the roster was flushed', () => {
    const calls: string[] = []
    const flush = roster.flush
    const settle = journal.settleMarks
    Object.assign(roster, { flush: () => (calls.push('flush'), flush()) })
    Object.assign(journal, { settleMarks: (...of: Parameters<typeof settle>) => (calls.push('settle'), settle(...of)) })
    online()
    enter()
    journal.acknowledge(epoch, 1, [])
    sync.received(presenceTopic, page([presence(1)], { from: 0, ...covering(1) }))
    expect([calls, journal.marks()]).toEqual([[], []])
    mono += 30_000
    sync.received(presenceTopic, page([presence(1)], { from: 1, ...covering(1) }))
    expect(calls).toEqual(['flush', 'settle'])
  })
})
