/**
 * The cloud's HTTP API under whatever the internet sends to it: malformed and smuggled requests, bodies too large and too deep, keys
 * that are not good and ids of others. Every answer is a problem document with a stable code, none is a 5xx, nothing of others is seen.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { openTestVenue, type TestVenue } from '../system/open-venue.ts'
import { type Answered, ask, askRaw, expectHostNeeded, expectProblem, malformedRequests } from './http.ts'
import { makeOrgKey, makeStranger, type Stranger } from './stranger.ts'
import { countersOf, expectCounted, expectUnharmed, memoryOf } from './watch.ts'

const ROSE_AT_MOST = 64 * 1024 * 1024

let venue: TestVenue
let stranger: Stranger
let adminKey: string
let memoryBefore: number

beforeAll(async () => {
  venue = await openTestVenue({ people: 60, seed: 24 })
  adminKey = readFileSync(join(venue.layout.cloud, 'admin-key'), 'utf8').trim()
  stranger = await makeStranger(venue)
  memoryBefore = memoryOf(venue.cloud.child.pid)
}, 120_000)
afterAll(() => venue?.close())

const api = (path: string) => `${venue.cloud.http}/api/v1${path}`
const json = 'application/json'

function call(method: string, path: string, body?: unknown, key: string | undefined = adminKey): Promise<Answered> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` }
  if (text !== undefined) headers['content-type'] = json
  return ask(api(path), { method, headers, ...(text === undefined ? {} : { body: text }) })
}

test('requests that are no HTTP, or two requests in one, are refused and never answered twice', async () => {
  for (const [what, bytes] of malformedRequests('127.0.0.1', '/api/v1/events')) {
    const answered = await askRaw(venue.cloud.http, bytes)
    expect(answered?.text ?? '', what).not.toContain('HTTP/1.1')
    expectProblem(answered)
  }
  await expectHostNeeded(venue.cloud.http, '/api/v1/events')
})

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

test.each<[string, number, string, string]>([
  ['is no JSON', 400, 'GH-API-002', '{"name":'],
  ['is empty', 400, 'GH-API-001', ''],
  ['is a list', 400, 'GH-API-001', '[]'],
  ['names __proto__', 400, 'GH-API-002', '{"__proto__":{"org":"x"},"name":"x"}'],
  ['names constructor.prototype', 400, 'GH-API-002', '{"constructor":{"prototype":{"a":1}},"name":"x"}'],
  ['nests a thousand levels', 400, 'GH-API-00', `{"name":"x","rules":${nested(1_000)}}`],
  ['hides a NUL', 400, 'GH-API-002', '{"name":"a\\u0000b"}'],
  ['hides half a character', 400, 'GH-API-002', '{"name":"a\\ud800b"}'],
  ['holds NaN', 400, 'GH-API-002', '{"name":"x","startsAt":NaN}'],
  ['holds a number beyond all', 400, 'GH-API-001', '{"name":"x","startsAt":1e999}'],
  ['is 2 MB long', 413, 'GH-API-004', JSON.stringify({ name: 'x'.repeat(2_000_000) })],
])('a body that %s is answered with %i %s', async (_what, status, code, body) => {
  const answered = await call('POST', '/events', body)
  expectProblem(answered, status)
  expect(answered.text).toContain(code)
})

test.each([
  'text/plain',
  'text/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'a/b',
  '*',
])('a body of type %s is not read', async (type) => {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': type }
  expectProblem(await ask(api('/events'), { method: 'POST', headers, body: '{"name":"x"}' }))
})

test('fields that a caller may not set are refused by name, and change nothing', async () => {
  const person = venue.venue.people[0]?.id ?? ''
  const gate = venue.venue.gates[0]?.id ?? ''
  const forbidden: [string, string, object][] = [
    ['POST', '/events', { name: 'x', org: stranger.org }],
    ['PATCH', `/events/${venue.venue.event}`, { id: randomUUID() }],
    ['PATCH', `/events/${venue.venue.event}`, { org: stranger.org }],
    ['PATCH', `/participants/${person}`, { event: stranger.event }],
    ['PATCH', `/participants/${person}`, { presence: { inside: true } }],
    ['PATCH', `/gates/${gate}`, { revoked: false, event: stranger.event }],
    ['POST', '/attendance/record', { participantId: person, gateId: gate, method: 'manual', createdAt: 1 }],
  ]
  for (const [method, path, body] of forbidden) expectProblem(await call(method, path, body), 400, 'GH-API-001')
  const event = await venue.cloud.client.get<{ id: string }>(`/events/${venue.venue.event}`)
  expect(event.id).toBe(venue.venue.event)
})

test.each([
  'limit=1000000000',
  'limit=-1',
  'limit=0',
  'limit=1e3',
  'limit=abc',
  'limit=1&limit=2',
  'after=%00',
  'status=gone',
  'unknown=1',
  `q=${'x'.repeat(5_000)}`,
])('a list asked for with %s is refused', async (query) => {
  expectProblem(await call('GET', `/events/${venue.venue.event}/participants?${query}`))
})

test.each([
  "' OR 1=1; --",
  '%',
  '_',
  '\\',
  '(a+)+$'.repeat(8),
  '<script>alert(1)</script>',
  '\u202e\ufeff',
  '김'.repeat(40),
])('a search for %j finds nobody and breaks nothing', async (words) => {
  const answered = await call('GET', `/events/${venue.venue.event}/participants?q=${encodeURIComponent(words)}`)
  expect([answered.status, JSON.parse(answered.text)]).toEqual([200, { items: [], next: null }])
})

test('script and SQL in names come back as the same text, as JSON, and nothing else happens', async () => {
  const name = `<img src=x onerror=alert(1)>'); DROP TABLE roster.participants; --`
  const made = await venue.cloud.client.post<{ id: string; name: string }>('/events', { name })
  const answered = await call('GET', `/events/${made.id}`)
  expect([JSON.parse(answered.text).name, answered.type]).toEqual([name, 'application/json; charset=utf-8'])
  expect(answered.headers.get('x-content-type-options')).toBe('nosniff')
})

test('keys that are missing, wrong, expired, revoked or too weak open nothing', async () => {
  const org = (
    await venue.query<{ org: string }>('SELECT org FROM events.events WHERE id = $1', [venue.venue.event])
  )[0]
  const own = (given: Parameters<typeof makeOrgKey>[2]) => makeOrgKey(venue, org?.org ?? '', given)
  const expired = await own({ expiresAt: new Date(Date.now() - 1_000) })
  const revoked = await own({ revokedAt: new Date() })
  const bad = [
    '',
    'x',
    'gk_live_',
    `${adminKey.slice(0, -1)}!`,
    `${adminKey}x`,
    adminKey.toLowerCase(),
    expired,
    revoked,
  ]
  for (const key of bad) expectProblem(await call('GET', '/events', undefined, key), 401, 'GH-API-005')
  expectProblem(await ask(api('/events')), 401, 'GH-API-005')
  expectProblem(await ask(api(`/events?key=${adminKey}`)), 401, 'GH-API-005')
  expectProblem(await ask(api('/events'), { headers: { authorization: `Basic ${btoa(`:${adminKey}`)}` } }), 401)
  expectProblem(await call('POST', '/events', { name: 'x' }, await own({ scopes: ['read'] })), 403, 'GH-API-006')
  expectProblem(await call('POST', `/gates/${venue.gates[0]?.id}/handover`, {}, await own({ scopes: ['write'] })), 403)
})

/** Every route that names one of our things, called by the other organization with a body that would be right. */
function ours(): [string, string, unknown?][] {
  const { event, gates, people } = venue.venue
  const [gate, person] = [gates[0]?.id ?? '', people[0]?.id ?? '']
  return [
    ['GET', `/events/${event}`],
    ['PATCH', `/events/${event}`, { name: 'taken' }],
    ['GET', `/events/${event}/overview`],
    ['GET', `/events/${event}/scans`],
    ['GET', `/events/${event}/double-entries`],
    ['GET', `/events/${event}/gates`],
    ['POST', `/events/${event}/gates`, { name: 'theirs' }],
    ['GET', `/events/${event}/participants`],
    ['POST', `/events/${event}/participants/bulk`, { items: [{ ticketType: 'day' }] }],
    ['GET', `/events/${event}/desk/find?q=a`],
    ['POST', `/events/${event}/desk/check-in`, { participantId: person, gateId: gate }],
    ['POST', `/events/${stranger.event}/desk/check-in`, { participantId: person, gateId: stranger.gate }],
    ['POST', `/events/${stranger.event}/desk/check-in`, { participantId: stranger.participant, gateId: gate }],
    ['POST', '/live-tickets', { eventId: event }],
    ['GET', `/gates/${gate}`],
    ['PATCH', `/gates/${gate}`, { name: 'taken' }],
    ['POST', `/gates/${gate}/handover`, {}],
    ['POST', `/gates/${gate}/revoke`, {}],
    ['GET', `/participants/${person}`],
    ['PATCH', `/participants/${person}`, { status: 'blocked' }],
    ['POST', `/participants/${person}/credentials`, { kind: 'qr' }],
    ['GET', `/participants/${person}/ticket.png`],
    ['GET', `/participants/${person}/ticket.svg`],
  ]
}

test('things of another organization are not there: 404, as for ids that never were', async () => {
  for (const [method, path, body] of ours()) {
    const answered = await call(method, path, body, stranger.key)
    expect([method, path, answered.status]).toEqual([method, path, 404])
    expectProblem(answered, 404)
  }
  const [gate] = await venue.query<{ revoked_at: unknown; name: string }>(
    'SELECT revoked_at, name FROM gates.gates WHERE id = $1',
    [venue.venue.gates[0]?.id],
  )
  expect(gate).toEqual({ revoked_at: null, name: venue.venue.gates[0]?.name })
})

test('rules and records of one organization cannot name gates and people of another', async () => {
  const { gates, people } = venue.venue
  const rules = { gates: { [gates[0]?.id ?? '']: { name: 'x' } } }
  expectProblem(await call('PATCH', `/events/${stranger.event}`, { rules }, stranger.key), 400)
  const record = { participant_id: people[0]?.id, gate_id: gates[0]?.id, method: 'manual', timestamp: Date.now() }
  const camel = { participantId: people[0]?.id, gateId: gates[0]?.id, method: 'manual', timestamp: Date.now() }
  for (const body of [record, camel]) expectProblem(await call('POST', '/attendance/record', body, stranger.key))
  expect(await venue.query('SELECT 1 FROM attendance.records WHERE participant = $1', [people[0]?.id])).toEqual([])
})

test('every route of the document refuses nonsense with a problem and never with a 5xx', async () => {
  const document = JSON.parse((await ask(`${venue.cloud.http}/openapi.json`)).text) as {
    paths: Record<string, Record<string, unknown>>
  }
  const nonsense = [`{"x":${nested(40)}}`, '[]', '"x"', '{"items":[{}]}', '{"participantId":"\u0007"}']
  let asked = 0
  for (const [path, methods] of Object.entries(document.paths)) {
    const filled = path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, () => encodeURIComponent("../' OR 1=1"))
    for (const method of Object.keys(methods)) {
      if (!path.startsWith('/api/v1/') || path.endsWith('/session')) continue
      const bodies = method === 'get' || method === 'delete' ? [undefined] : nonsense
      for (const body of bodies) {
        const answered = await call(method.toUpperCase(), filled, body)
        asked += 1
        if (answered.status >= 300) expectProblem(answered)
        else expect([path, method, answered.status < 300]).toEqual([path, method, !path.includes('{')])
      }
    }
  }
  expect(asked).toBeGreaterThan(40)
})

test('pages of other sites get no permission, and a cookie from there does nothing', async () => {
  const evil = 'https://evil.example'
  const preflight = await ask(api('/events'), {
    method: 'OPTIONS',
    headers: { origin: evil, 'access-control-request-method': 'POST' },
  })
  const plain = await ask(api('/events'), { headers: { origin: evil, authorization: `Bearer ${adminKey}` } })
  for (const { headers } of [preflight, plain]) expect(headers.get('access-control-allow-origin')).toBe(null)
  const body = JSON.stringify({ key: adminKey })
  const signedIn = await ask(api('/session'), { method: 'POST', headers: { 'content-type': json }, body })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(signedIn.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite/i)
  for (const origin of [evil, 'null']) {
    const headers = { cookie, origin, 'content-type': json }
    expectProblem(await ask(api('/events'), { method: 'POST', headers, body: '{"name":"x"}' }), 403, 'GH-API-008')
  }
})

test.each<[string, number, () => WebSocket]>([
  ['without a ticket', 4401, () => live('')],
  ['with a ticket of its own making', 4401, () => live(`?ticket=${'A'.repeat(32)}`)],
])('a live connection %s is closed with %i', async (_what, code, open) => {
  expect(await closeCodeOf(open())).toBe(code)
})

test('a live ticket works once, for its own event, and a chatterer is cut off', async () => {
  const ticket = async () => {
    const made = await venue.cloud.client.post<{ ticket: string }>('/live-tickets', { eventId: venue.venue.event })
    return made.ticket
  }
  const once = await ticket()
  const first = live(`?ticket=${once}`)
  await new Promise((resolve) => first.once('message', resolve))
  expect(await closeCodeOf(live(`?ticket=${once}`))).toBe(4401)
  first.send('x'.repeat(100_000))
  expect(await closeCodeOf(first)).toBe(1009)
  expect(await closeCodeOf(live(`?ticket=${await ticket()}`, stranger.event))).toBe(4401)
})

function live(query: string, event = venue.venue.event): WebSocket {
  return new WebSocket(`${api(`/events/${event}/live`).replace('http', 'ws')}${query}`)
}

function closeCodeOf(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('close', resolve))
}

test('all of it was counted, the log tells of no error of ours, and memory is where it was', async () => {
  await expectCounted(venue.cloud.http, new Map(), 50, 'gatehouse_http_refused_total')
  const counted = [...(await countersOf(venue.cloud.http))].filter(([name]) => name.includes('GH-API-013'))
  expect(counted).toEqual([])
  const log = readFileSync(join(venue.layout.logs, 'cloud.log'), 'utf8').split('\n')
  expect(log.filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await expectUnharmed(venue)
  expect(memoryOf(venue.cloud.child.pid) - memoryBefore).toBeLessThan(ROSE_AT_MOST)
})
