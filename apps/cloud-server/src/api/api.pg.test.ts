// Events, participants and gates through the API, on a real database.
import { randomUUID } from 'node:crypto'
import { decodeTicket, publicKeyFromRaw, verifyTicket } from '@gatehouse/protocol'
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVenue, startTestServer, type TestServer } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

/** Rows that wait for a number in the roster feed. */
async function pending(event: string): Promise<number> {
  const { rows } = await server.pool.query('select count(*)::int as n from roster.pending where event = $1', [event])
  return rows[0].n
}

test('an event is created with rules that come back as the engine takes them', async () => {
  const rules = {
    zones: [{ id: 'hall', name: 'Hall A', capacity: 100 }],
    policies: { signedUnknown: 'deny' },
    ticketTypes: { day: { condition: { weekday: [5] } } },
    graceSec: 600,
  }
  const made = await server.call('POST', '/api/v1/events', {
    name: '봄 박람회',
    timeZone: 'Asia/Seoul',
    startsAt: 1000,
    endsAt: 2000,
    capacity: 500,
    rules,
  })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    name: '봄 박람회',
    startsAt: 1000,
    endsAt: 2000,
    capacity: 500,
    participants: 0,
    gates: 0,
    rules: { ...rules, timeZone: 'Asia/Seoul' },
  })
  const read = await server.call('GET', `/api/v1/events/${made.body.id}`)
  expect(read.body).toEqual(made.body)
  const list = await server.call('GET', '/api/v1/events')
  expect(list.body.items).toContainEqual(made.body)
})

test('a change keeps what it does not name, reaches the gates’ rules and marks the roster', async () => {
  const { event, gates } = await openVenue(server)
  const before = await pending(event)
  const rule = { ticketTypes: ['vip'], zone: 'hall', elsewhere: 'Gate 2' }
  const changed = await server.call('PATCH', `/api/v1/events/${event}`, {
    capacity: 10,
    rules: { gates: { [gates[0] ?? '']: rule } },
  })
  expect(changed.status).toBe(200)
  expect(changed.body).toMatchObject({
    name: 'Spring Expo',
    capacity: 10,
    rules: {
      capacity: 10,
      gates: { [gates[0] ?? '']: { ...rule, name: 'Gate 1' }, [gates[1] ?? '']: { name: 'Gate 2' } },
    },
  })
  expect(await pending(event)).toBeGreaterThan(before)
})

test('switching names on or off makes another line of everybody', async () => {
  const { event } = await openVenue(server, { people: 5 })
  for (const showNames of [true, false]) {
    await server.pool.query('delete from roster.pending')
    await server.call('PATCH', `/api/v1/events/${event}`, { showNames })
    const { rows } = await server.pool.query(
      "select urgency, count(*)::int as people from roster.pending where event = $1 and kind = 'participant' group by 1",
      [event],
    )
    expect(rows).toEqual([{ urgency: showNames ? 1 : 0, people: 5 }])
    await server.pool.query('delete from roster.pending')
    await server.call('PATCH', `/api/v1/events/${event}`, { showNames })
    expect((await server.pool.query("select 1 from roster.pending where kind = 'participant'")).rows).toEqual([])
  }
})

test.each([
  ['an event that ends before it starts', { startsAt: 2000, endsAt: 1000 }, 'GH-API-202'],
  ['an unknown zone of time', { timeZone: 'Mars/Olympus' }, 'GH-API-201'],
  [
    'a condition that the engine does not know',
    { rules: { ticketTypes: { day: { condition: { moon: 'full' } } } } },
    'GH-API-201',
  ],
  ['a rule for a gate without a name', { rules: { gates: { '': null } } }, 'GH-API-001'],
  ['a ticket type that is nothing', { rules: { ticketTypes: { day: null } } }, 'GH-API-001'],
  ['a ticket type without a name', { rules: { ticketTypes: { '': {} } } }, 'GH-API-001'],
  ['a rule for a gate that is not there', { rules: { gates: { [randomUUID()]: {} } } }, 'GH-API-201'],
])('%s is refused', async (_what, change, code) => {
  const { event } = await openVenue(server)
  const reply = await server.call('PATCH', `/api/v1/events/${event}`, change)
  expect([reply.status, reply.body['code']]).toEqual([400, code])
})

test('rules that no line to the gates could hold are refused with their size, and nothing of them stays', async () => {
  const { event } = await openVenue(server)
  const zones = Array.from({ length: 60 }, (_, n) => ({ id: `zone-${n}`, name: 'x'.repeat(100) }))
  const reply = await server.call('PATCH', `/api/v1/events/${event}`, { capacity: 77, rules: { zones } })
  expect([reply.status, reply.body['code']]).toEqual([400, 'GH-API-203'])
  expect(reply.body['bytes']).toBeGreaterThan(4096)
  const after = await server.call('GET', `/api/v1/events/${event}`)
  expect(after.body['capacity']).toBeNull()
})

test('registered people get tickets that the event’s key signed and badge numbers without doubles', async () => {
  const { event } = await openVenue(server, { people: 1 })
  const items = Array.from({ length: 250 }, (_, n) => ({
    externalId: `e${n}`,
    name: `사람 ${n}`,
    credentials: ['qr', 'badge'],
  }))
  const [one, other] = await Promise.all(
    [items.slice(0, 125), items.slice(125)].map((half) =>
      server.call('POST', `/api/v1/events/${event}/participants/bulk`, { items: half }),
    ),
  )
  const people = [...(one?.body.items ?? []), ...(other?.body.items ?? [])]
  expect(people.map(({ externalId }) => externalId)).toEqual(items.map(({ externalId }) => externalId))
  expect(people.map(({ badgeNumber }) => badgeNumber as number).sort((a, b) => a - b)).toEqual(
    items.map((_, n) => n + 1),
  )
  const { body } = await server.call('GET', `/api/v1/events/${event}`)
  const { ticketKeys, rollingBadges } = body['rules'] as { ticketKeys: { publicKey: string }[]; rollingBadges: unknown }
  expect(rollingBadges).toEqual({ first: 1, last: 250 })
  const ticket = decodeTicket(String(people[7]?.['ticket']))
  const publicKey = publicKeyFromRaw(Buffer.from(ticketKeys[0]?.publicKey ?? '', 'base64'))
  expect(ticket.ok && publicKey && verifyTicket(ticket.value, publicKey)).toBe(true)
})

test('ten thousand people are registered by one request', { timeout: 60_000 }, async () => {
  const { event } = await openVenue(server, { people: 1 })
  const items = Array.from({ length: 10_000 }, (_, n) => ({
    externalId: `e${n}`,
    name: `Person ${n}`,
    email: `p${n}@example.org`,
    zones: ['hall', 'stage'],
  }))
  const reply = await server.call('POST', `/api/v1/events/${event}/participants/bulk`, { items })
  expect([reply.status, reply.body.items.length]).toEqual([201, 10_000])
  const { body } = await server.call('GET', `/api/v1/events/${event}`)
  expect(body['participants']).toBe(10_001)
})

test('a registration with one identity that exists changes nothing', async () => {
  const { event } = await openVenue(server, { people: 1 })
  const reply = await server.call('POST', `/api/v1/events/${event}/participants/bulk`, {
    items: [{ externalId: 'new' }, { externalId: 'x0' }],
  })
  expect([reply.status, reply.body['code']]).toEqual([409, 'GH-API-010'])
  const found = await server.call('GET', `/api/v1/events/${event}/participants?q=new`)
  expect(found.body.items).toEqual([])
})

test('people are found by parts of their name in Korean and English, by e-mail, ticket and id', async () => {
  const { event } = await openVenue(server, { people: 1 })
  const items = [
    { name: '김소영', email: 'soyeong.kim@example.org' },
    { name: 'Kim Sora 50%_\\', email: 'sora@example.org' },
    { name: '이서준' },
  ]
  const { body } = await server.call('POST', `/api/v1/events/${event}/participants/bulk`, { items })
  const names = async (q: string) =>
    (await server.call('GET', `/api/v1/events/${event}/participants?q=${encodeURIComponent(q)}`)).body.items.map(
      ({ name }) => name,
    )
  expect(await names('소영')).toEqual(['김소영'])
  expect(await names('소영'.normalize('NFD'))).toEqual(['김소영'])
  expect(await names('이')).toEqual(['이서준'])
  expect(await names('KIM s')).toEqual(['Kim Sora 50%_\\'])
  expect(await names('soyeong.kim@')).toEqual(['김소영'])
  expect(await names('50%_\\')).toEqual(['Kim Sora 50%_\\'])
  expect(await names('%')).toEqual(['Kim Sora 50%_\\'])
  expect(await names(String(body.items[2]?.['ticket']))).toEqual(['이서준'])
  expect(await names(String(body.items[0]?.['id']))).toEqual(['김소영'])
})

test('pages of a search join without gap or double', async () => {
  const { event } = await openVenue(server, { people: 25 })
  const seen: unknown[] = []
  let after = ''
  for (let page = 0; page < 10; page += 1) {
    const { body } = await server.call('GET', `/api/v1/events/${event}/participants?limit=10${after}`)
    seen.push(...body.items.map(({ id }) => id))
    if (body.next === null) break
    after = `&after=${body.next}`
  }
  expect([seen.length, new Set(seen).size]).toEqual([25, 25])
})

test('a change of a participant is answered in full and marks the roster ahead of bulk changes', async () => {
  const { event, people } = await openVenue(server)
  const id = people[0]?.id
  await server.pool.query('delete from roster.pending')
  const reply = await server.call('PATCH', `/api/v1/participants/${id}`, {
    status: 'blocked',
    zones: ['stage'],
    validUntil: 5000,
    attention: null,
  })
  expect(reply.body).toMatchObject({
    id,
    status: 'blocked',
    zones: ['stage'],
    validUntil: 5000,
    attention: null,
    name: 'Person 0',
    presence: null,
  })
  const { rows } = await server.pool.query('select kind, of, urgency from roster.pending where event = $1', [event])
  expect(rows).toEqual([{ kind: 'participant', of: id, urgency: 0 }])
})

test('a revoked ticket is drawn no more, a new one is', async () => {
  const { people } = await openVenue(server)
  const url = `/api/v1/participants/${people[0]?.id}`
  const person = await server.call('GET', url)
  const [ticket] = person.body['credentials'] as { id: string; ticket: string }[]
  const png = await server.call('GET', `${url}/ticket.png`)
  expect([png.status, png.headers['content-type'], png.bytes.subarray(1, 4).toString()]).toEqual([
    200,
    'image/png',
    'PNG',
  ])
  const revoked = await server.call('POST', `${url}/credentials/${ticket?.id}/revoke`)
  expect(revoked.body).toMatchObject({ id: ticket?.id, status: 'revoked' })
  const none = await server.call('GET', `${url}/ticket.svg`)
  expect([none.status, none.body['code']]).toEqual([404, 'GH-API-301'])
  const issued = await server.call('POST', `${url}/credentials`, { kind: 'qr' })
  expect(issued.status).toBe(201)
  expect(issued.body['ticket']).not.toBe(ticket?.ticket)
  const svg = await server.call('GET', `${url}/ticket.svg`)
  expect([svg.status, svg.headers['content-type'], svg.text.startsWith('<svg')]).toEqual([200, 'image/svg+xml', true])
})

test('a gate is changed, handed over, and after its revocation neither comes back nor is handed over', async () => {
  const { gates } = await openVenue(server)
  const url = `/api/v1/gates/${gates[0]}`
  const changed = await server.call('PATCH', url, {
    name: 'North',
    direction: 'both',
    capacityPerMinute: 12,
    zone: 'hall',
  })
  expect(changed.body).toMatchObject({
    name: 'North',
    direction: 'both',
    capacityPerMinute: 12,
    zone: 'hall',
    active: true,
  })
  const handover = await server.call('POST', `${url}/handover`)
  expect([handover.status, handover.headers['cache-control'], handover.body['gate']]).toEqual([
    200,
    'no-store',
    gates[0],
  ])
  expect((await server.call('POST', `${url}/revoke`)).body).toMatchObject({ revoked: true, active: false })
  expect((await server.call('PATCH', url, { active: true })).body['code']).toBe('GH-API-401')
  expect((await server.call('POST', `${url}/handover`)).body['code']).toBe('GH-API-401')
})

test('every write leaves a message for the others, without names', async () => {
  await server.pool.query('delete from attendance.outbox')
  const { event, gates, people } = await openVenue(server, { gates: 1, people: 2 })
  await server.call('PATCH', `/api/v1/participants/${people[0]?.id}`, { name: 'Somebody Else' })
  await server.call('POST', `/api/v1/gates/${gates[0]}/revoke`)
  const { rows } = await server.pool.query('select kind, event, payload::text from attendance.outbox order by id')
  expect(rows.map(({ kind }) => kind)).toEqual([
    'event.created',
    'gate.created',
    'participant.registered',
    'participant.changed',
    'gate.revoked',
  ])
  expect(rows.every((row) => row.event === event)).toBe(true)
  expect(JSON.stringify(rows)).not.toMatch(/Person|Somebody|example\.org/)
})

test('the overview of an event that nobody has entered yet is complete', async () => {
  const { event, gates } = await openVenue(server, { people: 4 })
  const { status, body } = await server.call('GET', `/api/v1/events/${event}/overview`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    totals: { participants: 4, arrived: 0, rate: 0, inside: 0, trend: 'steady', lastAt: null },
    denials: [],
    hours: [],
    minutes: [],
  })
  expect(body['gates']).toMatchObject([{ id: gates[0], state: 'never', load: 0, waitSec: 0 }, { id: gates[1] }])
})
