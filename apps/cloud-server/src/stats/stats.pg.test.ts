// The numbers of an event after known facts: exactly what a person with a tally counter would say.
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVenue, startTestServer, type TestServer, type Venue } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'
import type { Overview, Scan } from './overview-types.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let venue: Venue

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
  venue = await openVenue(server, { gates: 2, people: 10 })
  await server.call('PATCH', `/api/v1/gates/${venue.gates[0]}`, { capacityPerMinute: 1 })
  for (let person = 0; person < 5; person += 1) await checkIn(person, 0, 'qr_scan')
  await checkIn(5, 1, 'ble_auto')
  await checkIn(0, 1, 'manual')
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

async function checkIn(person: number, gate: number, method: string): Promise<void> {
  const body = {
    participantId: venue.people[person]?.id,
    gateId: venue.gates[gate],
    timestamp: new Date().toISOString(),
    method,
  }
  const { status, text } = await server.call('POST', '/api/v1/attendance/record', body)
  if (status !== 201) throw new Error(text)
}

async function overview(): Promise<Overview> {
  const { body } = await server.call('GET', `/api/v1/events/${venue.event}/overview`)
  return body as unknown as Overview
}

test('[R-B1] people are counted once, entries as often as they happened', async () => {
  const { totals } = await overview()
  expect(totals).toMatchObject({
    participants: 10,
    arrived: 6,
    rate: 60,
    inside: 6,
    entries: 7,
    exits: 0,
    denied: 0,
    doubleEntries: 1,
  })
  expect(totals.perMinute).toBeGreaterThan(1)
  expect(totals.lastAt).toBeGreaterThan(Date.now() - 60_000)
})

test('[R-B2] each gate has its total, methods, load and waiting time', async () => {
  const { gates } = await overview()
  expect(gates[0]).toMatchObject({
    total: 5,
    unique: 5,
    today: 5,
    byMethod: { ble_auto: 0, qr_scan: 5, manual: 0 },
    load: 1,
    capacityPerMinute: 1,
    perMinute: 1,
  })
  expect(gates[0]?.waitSec).toBeGreaterThan(60)
  expect(gates[1]).toMatchObject({ total: 2, unique: 2, byMethod: { ble_auto: 1, qr_scan: 0, manual: 1 }, load: 0.01 })
})

test('[R-B3] hours add up to the entries, by method and by gate', async () => {
  const { hours, totals } = await overview()
  const sum = (pick: (hour: Overview['hours'][number]) => number) =>
    hours.reduce((total, hour) => total + pick(hour), 0)
  expect(sum(({ total }) => total)).toBe(totals.entries)
  expect(sum(({ byMethod }) => byMethod.ble_auto + byMethod.qr_scan + byMethod.manual)).toBe(totals.entries)
  expect(sum(({ byGate }) => byGate[venue.gates[0] ?? ''] ?? 0)).toBe(5)
  expect(hours.every(({ at }) => at % 3_600_000 === 0)).toBe(true)
})

test('minutes hold the entries of the last three hours', async () => {
  const { minutes } = await overview()
  expect(minutes.reduce((total, { entries }) => total + entries, 0)).toBe(7)
})

test('the last scans come newest first and know their flags', async () => {
  const { body } = await server.call('GET', `/api/v1/events/${venue.event}/scans?limit=3`)
  const scans = body.items as unknown as Scan[]
  expect(scans).toHaveLength(3)
  expect(scans[0]).toMatchObject({
    participant: venue.people[0]?.id,
    gate: venue.gates[1],
    via: 'manual',
    flags: ['double-entry'],
    name: 'Person 0',
  })
  expect(scans.map(({ at }) => at)).toEqual(scans.map(({ at }) => at).toSorted((left, right) => right - left))
})

test('a double entry names both gates in the order of their times', async () => {
  const { body } = await server.call('GET', `/api/v1/events/${venue.event}/double-entries`)
  expect(body.items).toMatchObject([
    {
      participant: venue.people[0]?.id,
      first: { gate: venue.gates[0], gateName: 'Gate 1' },
      second: { gate: venue.gates[1], gateName: 'Gate 2' },
    },
  ])
})

test('a person’s page says where and when they were seen last', async () => {
  const { body } = await server.call('GET', `/api/v1/participants/${venue.people[5]?.id}`)
  expect(body['presence']).toMatchObject({
    inside: true,
    entries: 1,
    lastGate: venue.gates[1],
    lastGateName: 'Gate 2',
    lastDirection: 'entry',
  })
})

test('the state of a gate comes from the broker and from its last status', async () => {
  const status = {
    state: 'online',
    journal: { unsent: 7, bytes: 1, oldestUnsentAt: 5 },
    feeds: [{ event: venue.event, feed: 'roster', cursor: 0, root: 'ab' }],
    clock: { trust: 'holdover' },
    checks: [
      { name: 'disk', ok: false, detail: 'full', sinceMs: 1 },
      { name: 'camera', ok: true, sinceMs: 1 },
    ],
  }
  await server.pool.query(
    'update gates.gates set online = false, online_changed_at = now(), last_seen_at = now(), last_status = $2 where id = $1',
    [venue.gates[0], JSON.stringify(status)],
  )
  const { gates } = await overview()
  expect(gates[0]).toMatchObject({
    state: 'away',
    unsent: 7,
    oldestUnsentAt: 5,
    rosterCursor: 0,
    clockTrust: 'holdover',
    problems: [{ name: 'disk', detail: 'full' }],
  })
  expect(gates[1]).toMatchObject({ state: 'never', unsent: null, problems: [] })
  await server.pool.query(`update gates.gates set last_status = '"nonsense"' where id = $1`, [venue.gates[0]])
  expect((await overview()).gates[0]).toMatchObject({ unsent: null, rosterCursor: null })
})

test('the revision changes with every fact', async () => {
  const before = await server.rooms.overviews.revision(venue.event)
  expect(await server.rooms.overviews.revision(venue.event)).toBe(before)
  await checkIn(9, 1, 'qr_scan')
  expect(await server.rooms.overviews.revision(venue.event)).not.toBe(before)
})
