// The ingest transaction on a real PostgreSQL: what it keeps equals a recount, whoever writes beside it, and nothing counts twice.
import type { EpochId } from '@gatehouse/domain'
import { systemClock } from '@gatehouse/runtime'
import { freshDatabase, seededRandom } from '@gatehouse/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJournal, decision, undo } from '../../test/journal.ts'
import { recount } from '../../test/recount.ts'
import { eventIdOf, gateIdOf, keyOf, makeVenue, personIdOf, type Venue } from '../../test/venue.ts'
import { migrate } from '../db/migrate.ts'
import { createWriter, type Writer } from '../db/writer.ts'
import { createPgIngestStore } from './pg-ingest-store.ts'

const T0 = Date.parse('2026-11-20T09:00:00Z')
const MINUTE = 60_000
const epochOf = (n: number) => `0d000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as EpochId

let venue: Venue
let writer: Writer
let database: Awaited<ReturnType<typeof freshDatabase>>

const prepared = async (url: string) => void (await migrate(url))

beforeEach(async () => {
  database = await freshDatabase(prepared)
  venue = await makeVenue(database.url, { events: 2, gates: 6, people: 40, startsAt: T0 })
  writer = createWriter({ url: database.url, name: 'test' })
})
afterEach(async () => {
  await writer.end()
  await database.drop()
})

const storeFor = (of: Writer, number = 0) => createPgIngestStore({ writer: of, clock: systemClock, number })
const journalOf = (gate: number, epoch = gate) =>
  createJournal({ org: venue.org, gate: gateIdOf(gate), epoch: epochOf(epoch) })

async function flags(): Promise<string[][]> {
  const { rows } = await writer.query<{ flags: string[] }>({
    text: 'SELECT flags FROM attendance.records ORDER BY epoch, seq',
  })
  return rows.map((row) => row.flags)
}

async function agrees(): Promise<void> {
  const { kept, recounted } = await recount(writer)
  expect(kept).toEqual(recounted)
}

test('a committed batch is held, counted and known to its epoch', async () => {
  const store = storeFor(writer)
  const journal = journalOf(0)
  const event = eventIdOf(0)
  const batch = journal.batch(
    [
      decision({ event, participant: personIdOf(0), at: T0 }),
      decision({ event, participant: personIdOf(2), at: T0 + 1, outcome: 'deny', reason: 'wrong-zone' }),
      decision({ event, participant: personIdOf(0), at: T0 + 9 * MINUTE, direction: 'exit', via: 'ble' }),
    ],
    T0 + 100,
  )
  await store.commit([batch])
  expect(await store.epoch(journal.gate, journal.epoch)).toEqual(journal.state)
  expect(await store.held(journal.gate, journal.epoch, 1, 9)).toEqual(
    new Map(batch.facts.map(({ seq, digest }) => [seq, { digest, parked: false }])),
  )
  await agrees()
  const { rows } = await writer.query({ text: 'SELECT attended, inside, entries, exits, denied FROM stats.by_event' })
  expect(rows).toEqual([{ attended: 1, inside: 0, entries: 1, exits: 1, denied: 1 }])
})

test('a commit that is based on an older state of its epoch changes nothing', async () => {
  const store = storeFor(writer)
  const batch = journalOf(0).batch([decision({ event: eventIdOf(0), participant: personIdOf(0), at: T0 })], T0)
  await store.commit([batch])
  await expect(store.commit([batch])).rejects.toMatchObject({ code: 'GH-INGEST-STALE' })
  const { rows } = await writer.query({ text: 'SELECT count(*) FROM attendance.attendance_records' })
  expect(rows).toEqual([{ count: 1 }])
  await agrees()
})

test('what is odd is flagged and stored all the same', async () => {
  const store = storeFor(writer)
  const event = eventIdOf(0)
  await writer.query({
    text: `UPDATE roster.credentials SET status = 'revoked', revoked_at = $1 WHERE participant = $2`,
    values: [new Date(T0), personIdOf(4)],
  })
  const [a, b] = [journalOf(0), journalOf(2)]
  await store.commit([a.batch([decision({ event, participant: personIdOf(0), at: T0 })], T0)])
  await store.commit([
    a.batch(
      [
        decision({ event, participant: personIdOf(0), at: T0 + 2 * MINUTE }),
        decision({ event, participant: personIdOf(4), credential: keyOf(4), at: T0 + 1 }),
        decision({ event, participant: '0b000000-0000-7000-8000-00000000ffff' as never, at: T0 + 2 }),
        decision({ event, participant: personIdOf(6), at: T0 - 2 * 60 * MINUTE }),
      ],
      T0,
    ),
    b.batch([decision({ event, participant: personIdOf(0), at: T0 + 40 * MINUTE })], T0),
  ])
  expect(await flags()).toEqual([
    [],
    ['duplicate', 'double-entry'],
    ['revoked-before'],
    ['unknown-participant'],
    ['outside-hours'],
    ['double-entry'],
  ])
  await agrees()
})

test.each([
  ['in the order of their times', [0, 1]],
  ['the later one first, because its gate was back first', [1, 0]],
])('two entries without an exit between are one double entry: %s', async (_, order) => {
  const store = storeFor(writer)
  const event = eventIdOf(0)
  const batches = [journalOf(0), journalOf(2)].map((journal, index) =>
    journal.batch([decision({ event, participant: personIdOf(0), at: T0 + index * 3 * MINUTE })], T0),
  )
  for (const index of order) await store.commit([batches[index] as (typeof batches)[number]])
  expect((await flags()).flat()).toEqual(['double-entry'])
  await agrees()
})

test('an entry, an exit and an entry that arrive the last one first are not odd', async () => {
  const store = storeFor(writer)
  const event = eventIdOf(0)
  const passages = [
    { journal: journalOf(0), at: T0 + 20 * MINUTE, direction: 'entry' as const },
    { journal: journalOf(2), at: T0 + 10 * MINUTE, direction: 'exit' as const },
    { journal: journalOf(4), at: T0, direction: 'entry' as const },
  ]
  for (const { journal, at, direction } of passages) {
    await store.commit([journal.batch([decision({ event, participant: personIdOf(0), at, direction })], T0)])
  }
  expect((await flags()).flat()).toEqual([])
  await agrees()
})

test('a person who went out and comes in again ten minutes later is not odd', async () => {
  const store = storeFor(writer)
  const event = eventIdOf(0)
  const journal = journalOf(0)
  const at = (minutes: number, direction: 'entry' | 'exit') =>
    journal.batch([decision({ event, participant: personIdOf(0), at: T0 + minutes * MINUTE, direction })], T0)
  for (const batch of [at(0, 'entry'), at(5, 'exit'), at(15, 'entry')]) await store.commit([batch])
  expect(await flags()).toEqual([[], [], []])
  await agrees()
})

test('an undone check-in is taken from presence and from every sum', async () => {
  const store = storeFor(writer)
  const event = eventIdOf(0)
  const journal = journalOf(0)
  await store.commit([
    journal.batch(
      [
        decision({ event, participant: personIdOf(0), at: T0 }),
        decision({ event, participant: personIdOf(2), at: T0 + 1 }),
      ],
      T0,
    ),
  ])
  await store.commit([journal.batch([undo(1, T0 + 50), undo(1, T0 + 51)], T0)])
  const { rows } = await writer.query({ text: 'SELECT attended, inside, entries FROM stats.by_event' })
  expect(rows).toEqual([{ attended: 1, inside: 1, entries: 1 }])
  await agrees()
})

test('an undo that overtakes its decision takes effect when the decision arrives', async () => {
  const store = storeFor(writer)
  const journal = journalOf(0)
  const whole = journal.batch(
    [decision({ event: eventIdOf(0), participant: personIdOf(0), at: T0 }), undo(1, T0 + 50)],
    T0,
  )
  const [first, second] = whole.facts
  const half = { ...whole.before, revision: 1 }
  await store.commit([{ ...whole, facts: second ? [second] : [], after: half }])
  await store.commit([{ ...whole, facts: first ? [first] : [], before: half, after: { ...whole.after, revision: 2 } }])
  expect(await flags()).toEqual([['undone']])
  await agrees()
})

test('two writers with the same people at different gates keep every sum equal to a recount', async () => {
  const random = seededRandom(20)
  const writers = [writer, createWriter({ url: database.url, name: 'second' })]
  await Promise.all(
    writers.map(async (own, number) => {
      const store = storeFor(own, number)
      const journals = [0, 2, 4].map((gate) => journalOf(gate + number))
      for (let round = 0; round < 12; round += 1) {
        const batches = journals.map((journal) =>
          journal.batch(
            Array.from({ length: 20 }, () => {
              const entry = {
                event: eventIdOf(0),
                participant: personIdOf(random.int(20) * 2),
                at: T0 + round * 7 * MINUTE + random.int(20 * MINUTE),
                direction: random.chance(0.4) ? ('exit' as const) : ('entry' as const),
                outcome: random.chance(0.1) ? ('deny' as const) : ('admit' as const),
              }
              return random.chance(0.05) ? undo(1 + random.int(40), entry.at) : decision(entry)
            }),
            T0,
          ),
        )
        // Taking back locks people out of order: who meets the other writer in a circle commits again, as ingest does.
        await store.commit(batches).catch((error: { code?: string }) => {
          expect(error.code).toBe('GH-INGEST-STALE')
          return store.commit(batches)
        })
      }
    }),
  )
  await writers[1]?.end()
  await agrees()
}, 60_000)

test('a gate whose clock is out of the calendar loses no fact', async () => {
  const journal = journalOf(0)
  const wild = [8_640_000_000_000_000, 0, Date.parse('2031-01-01T00:00:00Z')]
  const entries = wild.map((at, n) => decision({ event: eventIdOf(0), participant: personIdOf(n * 2), at }))
  await storeFor(writer).commit([journal.batch(entries, T0)])
  const { rows } = await writer.query({ text: 'SELECT count(*) FROM attendance.records' })
  expect(rows).toEqual([{ count: 3 }])
  await agrees()
})
