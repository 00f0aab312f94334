// Records asked for by HTTP on a real database: each is held once, whoever else writes, and counts like any fact.
import { randomUUID } from 'node:crypto'
import { systemClock } from '@gatehouse/runtime'
import { freshDatabase } from '@gatehouse/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recount } from '../../test/recount.ts'
import { eventIdOf, gateIdOf, makeVenue, personIdOf, type Venue } from '../../test/venue.ts'
import type { RecordToWrite } from '../attendance/ports.ts'
import { migrate } from '../db/migrate.ts'
import type { Connection } from '../db/pool.ts'
import { createWriter, type Writer } from '../db/writer.ts'
import { createPgIngestStore } from './pg-ingest-store.ts'
import { createRecordRequests } from './pg-requests.ts'

const T0 = Date.parse('2026-11-20T09:00:00Z')
const MINUTE = 60_000
let venue: Venue
let writers: Writer[]
let database: Awaited<ReturnType<typeof freshDatabase>>

beforeEach(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  venue = await makeVenue(database.url, { events: 1, gates: 4, people: 40, startsAt: T0 })
  writers = []
})
afterEach(async () => {
  for (const writer of writers) await writer.end()
  await database.drop()
})

/** As in a process of its own. */
function aProcess(number = writers.length) {
  const writer = createWriter({ url: database.url, name: `test ${number}` })
  writers.push(writer)
  const store = createPgIngestStore({ writer, clock: systemClock, number })
  return { writer, write: createRecordRequests({ store, connection: writer, clock: systemClock, newId: randomUUID }) }
}

/** The same, but `between` happens once, right after the statement of this name was answered. */
function anInterruptedProcess(after: string, between: () => Promise<unknown>) {
  const { writer } = aProcess()
  const store = createPgIngestStore({ writer, clock: systemClock, number: writers.length })
  let isDone = false
  const connection: Connection = {
    async query(query) {
      const result = await writer.query<never>(query)
      if (query.name === after && !isDone) {
        isDone = true
        await between()
      }
      return result
    },
  }
  return createRecordRequests({ store, connection, clock: systemClock, newId: randomUUID })
}

function aRecord(person: number, given: Partial<RecordToWrite> = {}): RecordToWrite {
  return {
    event: eventIdOf(0),
    gate: gateIdOf(0),
    participant: personIdOf(person),
    at: T0,
    method: 'qr_scan',
    direction: 'entry',
    duplicateWindowMs: 5 * MINUTE,
    ...given,
  }
}

async function agrees(writer: Writer): Promise<void> {
  const { kept, recounted } = await recount(writer)
  expect(kept).toEqual(recounted)
}

test('a record is found under its id and counts in presence and statistics', async () => {
  const { writer, write } = aProcess()
  const [written] = await write(venue.org, [aRecord(0, { staff: 's1', deviceInfo: { model: 'x' } })])
  const { rows } = await writer.query({
    text: 'SELECT participant, gate, method, staff, device_info, by_request FROM attendance.records WHERE id = $1',
    values: [written?.id],
  })
  expect(rows).toEqual([
    {
      participant: personIdOf(0),
      gate: gateIdOf(0),
      method: 'qr_scan',
      staff: 's1',
      device_info: { model: 'x' },
      by_request: true,
    },
  ])
  const counted = await writer.query({ text: 'SELECT attended, inside, entries FROM stats.by_event' })
  expect(counted.rows).toEqual([{ attended: 1, inside: 1, entries: 1 }])
  await agrees(writer)
})

test('a repetition within the window names the record it repeats, in the list and in the database', async () => {
  const { write, writer } = aProcess()
  const [first, again] = await write(venue.org, [aRecord(0), aRecord(0, { at: T0 + 1 })])
  expect(again?.duplicateOf).toEqual({ id: first?.id, at: T0 })
  const later = await write(venue.org, [
    aRecord(0, { at: T0 + 5 * MINUTE - 1 }),
    aRecord(0, { at: T0 + 5 * MINUTE }),
    aRecord(0, { at: T0, gate: gateIdOf(2) }),
    aRecord(0, { at: T0, direction: 'exit' }),
    aRecord(0, { at: T0, duplicateWindowMs: 0 }),
  ])
  expect(later.map(({ duplicateOf }) => duplicateOf?.id)).toEqual([
    first?.id,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  await agrees(writer)
})

test('of many processes that record the same person at once exactly one does', async () => {
  const processes = [aProcess(), aProcess(), aProcess()]
  const records = Array.from({ length: 10 }, (_, person) => aRecord(person))
  const answers = await Promise.all(
    processes.flatMap(({ write }) => [write(venue.org, records), write(venue.org, records.toReversed())]),
  )
  const fresh = answers.flat().filter(({ duplicateOf }) => !duplicateOf)
  const ids = new Set(answers.flat().map(({ id, duplicateOf }) => duplicateOf?.id ?? id))
  expect([fresh.length, ids.size]).toEqual([10, 10])
  const { rows } = await processes[0]!.writer.query({ text: 'SELECT count(*) FROM attendance.attendance_records' })
  expect(rows).toEqual([{ count: 10 }])
  await agrees(processes[0]!.writer)
})

test.each(['request-epochs', 'request-duplicates'])(
  'a record that somebody else commits right after %s was read is seen',
  async (statement) => {
    const other = aProcess()
    await other.write(venue.org, [aRecord(1)])
    const write = anInterruptedProcess(statement, () => other.write(venue.org, [aRecord(0)]))
    const [late] = await write(venue.org, [aRecord(0)])
    expect(late?.duplicateOf).toMatchObject({ at: T0 })
    await agrees(other.writer)
  },
)

test('the lines of requests form a chain that can be verified again', async () => {
  const { write, writer } = aProcess()
  for (let person = 0; person < 5; person += 1) await write(venue.org, [aRecord(person), aRecord(person + 10)])
  const { rows } = await writer.query<{ through: number; signed_to: number; requests: boolean; parts: number }>({
    text: 'SELECT through, signed_to, requests, (SELECT count(*) FROM attendance.raw_lines) AS parts FROM attendance.epochs',
  })
  expect(rows).toEqual([{ through: 10, signed_to: 10, requests: true, parts: 5 }])
})

test('a gate that is not there fails alone', async () => {
  const { write } = aProcess()
  const good = write(venue.org, [aRecord(0)])
  const bad = write(venue.org, [aRecord(1, { gate: randomUUID() as never })])
  await expect(bad).rejects.toMatchObject({ code: 'GH-INGEST-002' })
  expect((await good)[0]?.duplicateOf).toBeUndefined()
})
