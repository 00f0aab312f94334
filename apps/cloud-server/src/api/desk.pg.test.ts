// Check-in by staff through the cloud: the same answers as at a gate, and a record only for what was admitted.
import { randomUUID } from 'node:crypto'
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVenue, startTestServer, type TestServer, type Venue } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let venue: Venue
let nextPerson = 0

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
  venue = await openVenue(server, { gates: 2, people: 20 })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

const somebody = () => venue.people[nextPerson++]?.id
const checkIn = (body: object, headers: Record<string, string> = {}) =>
  server.call(
    'POST',
    `/api/v1/events/${venue.event}/desk/check-in`,
    { gateId: venue.gates[0], staff: 's1', ...body },
    { headers },
  )

async function records(participant: unknown): Promise<{ staff: string; method: string; direction: string }[]> {
  const { rows } = await server.pool.query(
    'select staff, method, direction, override from attendance.records where participant = $1 order by seq',
    [participant],
  )
  return rows
}

test('staff find a person by a part of the name and let them in; the record names them', async () => {
  const { body } = await server.call('GET', `/api/v1/events/${venue.event}/desk/find?q=person%201`)
  expect(body.items.length).toBeGreaterThan(1)
  const participantId = somebody()
  const reply = await checkIn({ participantId })
  expect(reply.status).toBe(200)
  expect(reply.body).toMatchObject({
    decision: { outcome: 'admit', direction: 'entry' },
    person: { id: participantId, presence: { inside: true, entries: 1 } },
    record: { id: expect.any(String) },
  })
  expect(await records(participantId)).toMatchObject([{ staff: 's1', method: 'manual', direction: 'entry' }])
})

test('a blocked person is denied with the reason, and nothing is recorded', async () => {
  const participantId = somebody()
  await server.call('PATCH', `/api/v1/participants/${participantId}`, { status: 'blocked' })
  const { status, body } = await checkIn({ participantId })
  expect([status, body['record']]).toEqual([200, null])
  expect(body['decision']).toMatchObject({ outcome: 'deny', reason: 'blocked' })
  expect(await records(participantId)).toEqual([])
})

test('who is inside already is denied at another gate unless staff override with a note', async () => {
  const participantId = somebody()
  await checkIn({ participantId })
  const again = await checkIn({ participantId, gateId: venue.gates[1] })
  expect(again.body['decision']).toMatchObject({ outcome: 'deny', reason: 'already-inside' })
  const override = await checkIn({ participantId, gateId: venue.gates[1], override: { note: 'left by the back door' } })
  expect(override.body['decision']).toMatchObject({ outcome: 'admit', overridden: 'already-inside' })
  expect(await records(participantId)).toHaveLength(2)
})

test('an exit right after the entry is an exit, not a duplicate', async () => {
  const participantId = somebody()
  await checkIn({ participantId })
  const exit = await checkIn({ participantId, direction: 'exit' })
  expect(exit.body).toMatchObject({
    decision: { outcome: 'admit', direction: 'exit' },
    person: { presence: { inside: false } },
  })
})

test('a press that is sent again over bad Wi-Fi is one check-in with the same answer', async () => {
  const participantId = somebody()
  const headers = { 'idempotency-key': randomUUID() }
  const [first, again] = [await checkIn({ participantId }, headers), await checkIn({ participantId }, headers)]
  expect(again.body).toEqual(first.body)
  expect(await records(participantId)).toHaveLength(1)
})

test('two staff who press at the same moment let one person in once', async () => {
  const participantId = somebody()
  const replies = await Promise.all([1, 2, 3, 4, 5].map((n) => checkIn({ participantId, staff: `s${n}` })))
  expect(replies.every(({ status }) => status === 200)).toBe(true)
  expect(replies.filter(({ body }) => body['record'] !== null)).toHaveLength(1)
  expect(await records(participantId)).toHaveLength(1)
})

test('what is not of this event is not found', async () => {
  const other = await openVenue(server)
  expect((await checkIn({ participantId: other.people[0]?.id })).body['code']).toBe('GH-API-101')
  expect((await checkIn({ participantId: somebody(), gateId: other.gates[0] })).body['code']).toBe('GH-API-103')
  expect(
    (
      await server.call('POST', `/api/v1/events/${randomUUID()}/desk/check-in`, {
        participantId: somebody(),
        gateId: venue.gates[0],
      })
    ).body['code'],
  ).toBe('GH-API-007')
})
