// [R-A1 to R-A4] The answers of the attendance API, on a real database.
import { randomUUID } from 'node:crypto'
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVenue, startTestServer, type TestServer, type Venue } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let venue: Venue
const RECORD = '/api/v1/attendance/record'
const BATCH = '/api/v1/attendance/batch'
let nextPerson = 0

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
  venue = await openVenue(server, { gates: 3, people: 60 })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

/** Somebody nobody has recorded yet. */
function somebody(): string {
  return venue.people[nextPerson++]?.id ?? ''
}

function aRequest(given: object = {}) {
  return {
    participantId: somebody(),
    gateId: venue.gates[0],
    timestamp: new Date().toISOString(),
    method: 'qr_scan',
    ...given,
  }
}

test('a good request is recorded and answered with the whole record', async () => {
  const request = aRequest({ location: { latitude: 37.5, longitude: 127 }, deviceInfo: { model: 'Pixel' } })
  const { status, body } = await server.call('POST', RECORD, request)
  expect(status).toBe(201)
  expect(body).toMatchObject({ ...request, eventId: venue.event, status: 'confirmed' })
  expect(body['id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(Date.parse(String(body['createdAt']))).toBeGreaterThan(Date.now() - 60_000)
})

test('a timestamp with an offset is the same instant', async () => {
  const at = new Date(Math.floor(Date.now() / 1000) * 1000)
  const seoul = `${new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`
  const { status, body } = await server.call('POST', RECORD, aRequest({ timestamp: seoul }))
  expect([status, body['timestamp']]).toEqual([201, at.toISOString()])
})

test.each([
  ['lat and lng', { location: { lat: 37.5, lng: 127 } }],
  ['a GeoJSON point', { location: { type: 'Point', coordinates: [127, 37.5] } }],
  ['a device in words', { deviceInfo: 'Pixel 9, kiosk 2' }],
])('%s comes back as it was sent', async (_what, given) => {
  const { status, body } = await server.call('POST', RECORD, aRequest(given))
  expect(status).toBe(201)
  expect(body).toMatchObject(given)
})

test('an unknown participant is a 404 before anything else is looked at', async () => {
  const { status, body } = await server.call(
    'POST',
    RECORD,
    aRequest({ participantId: randomUUID(), gateId: randomUUID() }),
  )
  expect([status, body['code']]).toEqual([404, 'GH-API-101'])
})

test.each(['cancelled', 'blocked'])('a %s participant is a 400, also at a gate that does not exist', async (state) => {
  const participantId = somebody()
  await server.call('PATCH', `/api/v1/participants/${participantId}`, { status: state })
  const { status, body } = await server.call('POST', RECORD, aRequest({ participantId, gateId: randomUUID() }))
  expect([status, body['code']]).toEqual([400, 'GH-API-102'])
})

test('an unknown gate is a 404, also with a timestamp outside the event', async () => {
  const { status, body } = await server.call(
    'POST',
    RECORD,
    aRequest({ gateId: randomUUID(), timestamp: '2001-01-01T00:00:00Z' }),
  )
  expect([status, body['code']]).toEqual([404, 'GH-API-103'])
})

test('a gate that is switched off is a 404 until it is switched on', async () => {
  const gateId = venue.gates[2]
  await server.call('PATCH', `/api/v1/gates/${gateId}`, { active: false })
  const off = await server.call('POST', RECORD, aRequest({ gateId }))
  await server.call('PATCH', `/api/v1/gates/${gateId}`, { active: true })
  const on = await server.call('POST', RECORD, aRequest({ gateId }))
  expect([off.status, off.body['code'], on.status]).toEqual([404, 'GH-API-103', 201])
})

test('a gate of another event is not a gate for this participant', async () => {
  const other = await openVenue(server, { gates: 1, people: 1 })
  const { status, body } = await server.call('POST', RECORD, aRequest({ gateId: other.gates[0] }))
  expect([status, body['code']]).toEqual([404, 'GH-API-103'])
})

test('an hour before the start and after the end is the last that is taken', async () => {
  const start = Date.now() - 1_800_000
  const hour = 3_600_000
  const { gates, people } = await openVenue(server, { people: 4, event: { startsAt: start, endsAt: start + hour } })
  const at = async (index: number, ms: number) => {
    const body = {
      participantId: people[index]?.id,
      gateId: gates[0],
      timestamp: new Date(ms).toISOString(),
      method: 'manual',
    }
    const reply = await server.call('POST', RECORD, body)
    return reply.body['code'] ?? reply.status
  }
  expect(await at(0, start - hour)).toBe(201)
  expect(await at(1, start - hour - 1)).toBe('GH-API-104')
  expect(await at(2, start + 2 * hour)).toBe(201)
  expect(await at(3, start + 2 * hour + 1)).toBe('GH-API-104')
})

test('the same person at the same gate within five minutes is a 409 that names the earlier record', async () => {
  const first = aRequest({ timestamp: new Date(Date.now() - 600_000).toISOString() })
  const recorded = await server.call('POST', RECORD, first)
  const later = (ms: number, gateId = first.gateId) =>
    server.call('POST', RECORD, {
      ...first,
      gateId,
      timestamp: new Date(Date.parse(first.timestamp) + ms).toISOString(),
    })
  const again = await later(299_999)
  expect([again.status, again.body['code']]).toEqual([409, 'GH-API-105'])
  expect(again.body['earlier']).toEqual({ id: recorded.body['id'], timestamp: first.timestamp })
  expect((await later(299_999, venue.gates[1])).status).toBe(201)
  expect((await later(300_000)).status).toBe(201)
})

test('of twenty requests at the same moment one is recorded and nineteen are duplicates', async () => {
  const request = aRequest()
  const replies = await Promise.all(Array.from({ length: 20 }, () => server.call('POST', RECORD, request)))
  const statuses = replies.map(({ status }) => status).toSorted((left, right) => left - right)
  expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
})

test('an Idempotency-Key answers a repetition as the first time and refuses another request', async () => {
  const request = aRequest()
  const headers = { 'idempotency-key': randomUUID() }
  const first = await server.call('POST', RECORD, request, { headers })
  const again = await server.call('POST', RECORD, request, { headers })
  expect([again.status, again.body]).toEqual([201, first.body])
  expect(again.headers['idempotency-replayed']).toBe('true')
  const other = await server.call('POST', RECORD, { ...request, method: 'manual' }, { headers })
  expect([other.status, other.body['code']]).toEqual([422, 'GH-API-011'])
})

test('a refusal is repeated for the same Idempotency-Key as it was', async () => {
  const request = aRequest({ participantId: randomUUID() })
  const headers = { 'idempotency-key': randomUUID() }
  const first = await server.call('POST', RECORD, request, { headers })
  const again = await server.call('POST', RECORD, request, { headers })
  expect(again.status).toBe(404)
  expect(again.body).toEqual(first.body)
  expect(again.headers['content-type']).toContain('application/problem+json')
})

test('simultaneous requests with one Idempotency-Key make one record', async () => {
  const request = aRequest()
  const headers = { 'idempotency-key': randomUUID() }
  const replies = await Promise.all(Array.from({ length: 10 }, () => server.call('POST', RECORD, request, { headers })))
  const ids = new Set(replies.filter(({ status }) => status === 201).map(({ body }) => body['id']))
  expect(ids.size).toBe(1)
  expect(replies.every(({ status, body }) => status === 201 || body['code'] === 'GH-API-012')).toBe(true)
})

test.each([
  ['a missing field', { gateId: undefined }],
  ['an unknown field', { extra: 1 }],
  ['an unknown method', { method: 'telepathy' }],
  ['a timestamp without a zone', { timestamp: '2026-11-20T09:00:00' }],
  ['a day that does not exist', { timestamp: '2026-02-30T09:00:00Z' }],
  ['an id that is no UUID', { participantId: 'alice' }],
  ['a place that is not on earth', { location: { latitude: 91, longitude: 0 } }],
  ['a device that tells too much', { deviceInfo: { story: 'x'.repeat(3_000) } }],
])('%s is a 400', async (_what, change) => {
  const { status, body, headers } = await server.call('POST', RECORD, aRequest(change))
  expect([status, body['code']]).toEqual([400, 'GH-API-001'])
  expect(headers['content-type']).toContain('application/problem+json')
})

test('a batch answers each request on its own, and one bad gate does not sink another', async () => {
  const known = aRequest({ gateId: venue.gates[1] })
  const first = await server.call('POST', RECORD, known)
  const good = [aRequest(), aRequest({ gateId: venue.gates[1] })]
  const requests = [
    good[0],
    aRequest({ gateId: randomUUID() }),
    known,
    good[1],
    aRequest({ participantId: randomUUID() }),
    { nonsense: true },
    good[0],
  ]
  const { status, body } = await server.call('POST', BATCH, { requests })
  expect(status).toBe(200)
  expect(body['successful']).toMatchObject([
    { index: 0, ...good[0] },
    { index: 3, ...good[1] },
  ])
  expect(body['failed']).toMatchObject([
    { index: 1, code: 'GH-API-103', status: 404, reason: 'gate-not-found' },
    { index: 4, code: 'GH-API-101', reason: 'participant-unknown' },
    { index: 5, code: 'GH-API-001', participantId: null },
  ])
  expect(body['duplicates']).toMatchObject([
    { index: 2, code: 'GH-API-105', earlier: { id: first.body['id'] } },
    { index: 6, code: 'GH-API-105' },
  ])
})

test('a batch of a thousand is taken and one more is a 400', async () => {
  const request = aRequest()
  const all = await server.call('POST', BATCH, { requests: Array.from({ length: 1_000 }, () => request) })
  expect([
    all.status,
    (all.body['successful'] as unknown[]).length,
    (all.body['duplicates'] as unknown[]).length,
  ]).toEqual([200, 1, 999])
  const more = await server.call('POST', BATCH, { requests: Array.from({ length: 1_001 }, () => request) })
  expect(more.status).toBe(400)
})

test('a key of another organization finds neither participant nor gate', async () => {
  const { key } = await server.anotherOrg()
  const { status, body } = await server.call('POST', RECORD, aRequest(), { key })
  expect([status, body['code']]).toEqual([404, 'GH-API-101'])
})
