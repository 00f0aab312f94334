// The feeds on a real PostgreSQL: numbers without gaps in commit order, a root that is that of the rows, latest states, honest covers.
import type { EpochId, EventId } from '@gatehouse/domain'
import {
  addRow,
  bucketsToHex,
  emptyBuckets,
  type FeedName,
  parsePresenceLine,
  parseRosterLine,
  rootOf,
} from '@gatehouse/protocol'
import { systemClock } from '@gatehouse/runtime'
import { freshDatabase, seededRandom } from '@gatehouse/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJournal, decision } from '../../test/journal.ts'
import { eventIdOf, gateIdOf, makeVenue, personIdOf, type Venue } from '../../test/venue.ts'
import { migrate } from '../db/migrate.ts'
import { createWriter, type Writer } from '../db/writer.ts'
import { createPgIngestStore } from '../ingest/pg-ingest-store.ts'
import { createPgFeedStore } from './pg-feed-store.ts'
import { compactPresenceFeed } from './pg-presence-feed.ts'
import type { FeedStore, Numbered } from './ports.ts'

const T0 = Date.parse('2026-11-20T09:00:00Z')
const event = eventIdOf(0)
const prepared = async (url: string) => void (await migrate(url))

let venue: Venue
let writer: Writer
let other: Writer
let feeds: FeedStore
let database: Awaited<ReturnType<typeof freshDatabase>>

beforeEach(async () => {
  database = await freshDatabase(prepared)
  venue = await makeVenue(database.url, { events: 1, gates: 3, people: 60, startsAt: T0 })
  writer = createWriter({ url: database.url, name: 'test', planFor: 'rows' })
  other = createWriter({ url: database.url, name: 'ingest' })
  feeds = createPgFeedStore({ numbering: writer, pages: writer, reader: writer })
})
afterEach(async () => {
  await Promise.all([writer.end(), other.end()])
  await database.drop()
})

/** What a gate would hold after applying lines. */
function applied(rows: Map<string, string>, lines: readonly string[]): Map<string, string> {
  for (const text of lines) {
    const line = parseRosterLine(text)
    if (!line.ok) throw new Error(line.detail)
    if (line.value.kind === 'remove') rows.delete(`participant:${line.value.id}`)
    else rows.set(`${line.value.kind}:${line.value.id}`, text)
  }
  return rows
}

function rootOfRows(rows: ReadonlyMap<string, string>): string {
  const buckets = emptyBuckets()
  for (const [key, line] of rows) addRow(buckets, key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1), line)
  return rootOf(buckets)
}

async function numberAll(of: EventId, limit = 25): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    const numbered = await number('roster', limit, of)
    if (!numbered) return lines
    expect(numbered.lines).toHaveLength(numbered.to - numbered.from)
    lines.push(...numbered.lines)
  }
}

/** Numbers what waits of one event. */
async function number(feed: FeedName, limit: number, of = event): Promise<Numbered | undefined> {
  const numbered = await feeds.number([{ org: venue.org, event: of }], feed, limit)
  return numbered.find((one) => one.event === of)
}

const change = (text: string, values: unknown[] = []) => other.query({ text, values })

test('everyone gets one number, and the root is that of the rows a gate then holds', async () => {
  const lines = await numberAll(event)
  expect(lines).toHaveLength(61)
  const page = await feeds.after(event, 'roster', 0, 1_000_000)
  expect(page).toMatchObject({ to: 61, head: 61, more: false, root: rootOfRows(applied(new Map(), lines)) })
  expect(lines.some((line) => line.includes('김소영'))).toBe(false)
})

test('after changes, revocations and removals in any order a gate that follows has the root of the cloud', async () => {
  const random = seededRandom(3)
  const rows = applied(new Map(), await numberAll(event))
  for (let round = 0; round < 15; round += 1) {
    const person = personIdOf(random.int(60))
    const what = random.int(4)
    if (what === 0) await change(`UPDATE roster.credentials SET status = 'revoked' WHERE participant = $1`, [person])
    if (what === 1) await change(`UPDATE roster.participants SET zones = zones || '{stage}' WHERE id = $1`, [person])
    if (what === 2) await change('DELETE FROM roster.participants WHERE id = $1', [person])
    if (what === 3) await change('UPDATE events.events SET show_names = NOT show_names, capacity = $1', [round])
    applied(rows, await numberAll(event))
    expect((await feeds.after(event, 'roster', 0, 1_000_000)).root).toBe(rootOfRows(rows))
  }
})

test('a change that leaves the line as it was makes no version', async () => {
  await numberAll(event)
  await change(`UPDATE roster.participants SET email = 'new@example.org' WHERE id = $1`, [personIdOf(1)])
  expect(await feeds.pending('roster')).toHaveLength(1)
  expect(await numberAll(event)).toEqual([])
  expect(await feeds.pending('roster')).toEqual([])
})

test('a revocation goes before a bulk import that was there first', async () => {
  await numberAll(event)
  await change(
    `INSERT INTO roster.participants (id, event, name) SELECT gen_random_uuid(), $1, 'new' FROM generate_series(1, 100)`,
    [event],
  )
  await change(`UPDATE roster.credentials SET status = 'revoked' WHERE participant = $1`, [personIdOf(5)])
  const first = await number('roster', 10)
  expect(first?.lines[0]).toContain('"revoked"')
  expect(first?.more).toBe(true)
})

test('pages join, and only the last one carries the root', async () => {
  await numberAll(event)
  const rows = new Map<string, string>()
  let cursor = 0
  for (let pages = 1; ; pages += 1) {
    const page = await feeds.after(event, 'roster', cursor, 2_000)
    expect(page.root === undefined).toBe(page.more)
    applied(rows, page.lines)
    cursor = page.to
    if (page.more) continue
    expect(pages).toBeGreaterThan(3)
    expect(page.root).toBe(rootOfRows(rows))
    return
  }
})

test('only the buckets that differ are answered, and they repair the difference', async () => {
  const rows = applied(new Map(), await numberAll(event))
  const key = `participant:${personIdOf(7)}`
  const whole = rows.get(key) ?? ''
  rows.set(key, whole.replace('hall', 'halls'))
  const theirs = emptyBuckets()
  for (const [name, line] of rows)
    addRow(theirs, name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1), line)
  const answer = await feeds.differing(event, bucketsToHex(theirs), 100_000)
  expect(answer.buckets).toHaveLength(1)
  expect(answer.lines).toContain(whole)
  expect(answer.more).toBe(false)
  applied(rows, answer.lines)
  expect(answer.root).toBe(rootOfRows(rows))
})

async function passages(gate = 0): Promise<void> {
  const store = createPgIngestStore({ writer: other, clock: systemClock, number: 0 })
  const journal = createJournal({
    org: venue.org,
    gate: gateIdOf(gate),
    epoch: '0d000000-0000-7000-8000-000000000001' as EpochId,
  })
  const minute = 60_000
  for (let n = 0; n < 30; n += 1) {
    const direction = n % 3 === 2 ? 'exit' : 'entry'
    await store.commit([
      journal.batch([decision({ event, participant: personIdOf(n % 10), at: T0 + n * minute, direction })], T0),
    ])
  }
}

async function presenceAt(cursor: number, bytes = 100_000) {
  const page = await feeds.after(event, 'presence', cursor, bytes)
  return {
    ...page,
    people: page.lines.map((line) => parsePresenceLine(line)).flatMap((line) => (line.ok ? [line.value] : [])),
  }
}

test('presence comes back as the latest state of each person, and says which facts it contains', async () => {
  await passages()
  const numbered = await number('presence', 100)
  expect(numbered).toMatchObject({ from: 0, to: 10, more: false })
  expect(numbered?.covers.get(gateIdOf(0))).toEqual({ epoch: '0d000000-0000-7000-8000-000000000001', through: 30 })
  expect(await feeds.coversOf(event, gateIdOf(0))).toMatchObject({ through: 30 })
  const { people } = await presenceAt(0)
  expect(people).toHaveLength(10)
  expect(people.find(({ id }) => id === personIdOf(0))).toEqual({
    kind: 'presence',
    id: personIdOf(0),
    inside: false,
    zone: 'hall',
    entries: 2,
    firstAt: T0,
    lastAt: T0 + 20 * 60_000,
    lastGate: gateIdOf(0),
    lastDirection: 'exit',
    days: { '2026-11-20': 2 },
  })
  expect(await number('presence', 100)).toBeUndefined()
})

test('presence that does not fit is numbered next time, and covers nothing before that', async () => {
  await passages()
  const first = await number('presence', 4)
  expect(first).toMatchObject({ from: 0, to: 4, more: true })
  expect(first?.covers.size).toBe(0)
  const second = await number('presence', 100)
  expect(second).toMatchObject({ from: 4, more: false })
  const { people } = await presenceAt(0)
  expect(new Set(people.map(({ id }) => id)).size).toBe(10)
})

test('a gate that follows from any cursor ends with the same people, before and after old numbers are dropped', async () => {
  await passages()
  while (await number('presence', 3)) await change('SELECT 1')
  await passages(1)
  while (await number('presence', 4)) await change('SELECT 1')
  const follow = async () => {
    const seen = new Map<string, unknown>()
    let cursor = 0
    for (;;) {
      const page = await presenceAt(cursor, 900)
      for (const person of page.people) seen.set(person.id, person)
      cursor = page.to
      if (!page.more) return { seen, cursor }
    }
  }
  const before = await follow()
  await compactPresenceFeed(writer, event)
  expect(await follow()).toEqual(before)
  expect(before.seen.size).toBe(10)
})
