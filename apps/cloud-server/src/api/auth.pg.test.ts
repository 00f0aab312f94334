// Who may do what: keys, sessions, one-time tokens, and the wall between organizations.

import { randomBytes, randomUUID } from 'node:crypto'
import { createMetrics, systemClock } from '@gatehouse/runtime'
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVenue, startTestServer, type TestServer, type Venue } from '../../test/api-server.ts'
import { bootstrap } from '../auth/bootstrap.ts'
import { makeKey } from '../auth/key.ts'
import { migrate } from '../db/migrate.ts'
import { apiRoutes } from './app.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let venue: Venue

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
  venue = await openVenue(server)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

/** A route with every parameter filled in by things that exist. */
function urlOf(url: string): string {
  const id = url.startsWith('/events') ? venue.event : url.startsWith('/gates') ? venue.gates[0] : venue.people[0]?.id
  return `/api/v1${url.replace(':id', String(id)).replace(':credentialId', randomUUID())}`
}

function cookieOf(headers: Readonly<Record<string, unknown>>): string {
  return String(headers['set-cookie']).split(';')[0] ?? ''
}

test('the first key is made once, is stored as a hash only, and opens everything', async () => {
  const again = await bootstrap({ pool: server.pool, clock: systemClock, randomBytes, newId: randomUUID })
  expect(again).toEqual({ org: server.org })
  const { rows } = await server.pool.query('select * from auth.api_keys')
  expect(JSON.stringify(rows)).not.toContain(server.key)
  expect((await server.call('GET', '/api/v1/events')).status).toBe(200)
})

test('no route of the API answers anybody who is not signed in', async () => {
  for (const { method, url } of apiRoutes(server.rooms)) {
    const reply = await server.call(method as 'GET', urlOf(url), undefined, { key: null })
    expect([url, reply.status, reply.body['code']]).toEqual([url, 401, 'GH-API-005'])
  }
})

test('no route answers a key without its scope, and the answer does not depend on the body', async () => {
  for (const { method, url, permission } of apiRoutes(server.rooms)) {
    if (permission === 'signed-in') continue
    const key = await server.keyWith(permission === 'record' ? ['desk'] : ['record'])
    const reply = await server.call(method as 'GET', urlOf(url), undefined, { key })
    expect([url, reply.status, reply.body['code']]).toEqual([url, 403, 'GH-API-006'])
  }
})

test('things of another organization are never found, whatever the route', async () => {
  const { key } = await server.anotherOrg()
  const bodies: Record<string, unknown> = {
    'POST /events/:id/participants/bulk': { items: [{ name: 'x' }] },
    'POST /events/:id/participants': { name: 'x' },
    'POST /events/:id/gates': { name: 'x' },
    'POST /participants/:id/credentials': { kind: 'qr' },
    'POST /events/:id/desk/check-in': { participantId: venue.people[0]?.id, gateId: venue.gates[0] },
  }
  for (const { method, url } of apiRoutes(server.rooms)) {
    if (!url.includes(':id')) continue
    const query = url.endsWith('/find') ? '?q=x' : ''
    const body = bodies[`${method} ${url}`] ?? (method === 'PATCH' ? {} : undefined)
    const reply = await server.call(method as 'GET', urlOf(url) + query, body, { key })
    expect([method, url, reply.status]).toEqual([method, url, 404])
  }
  expect((await server.call('GET', '/api/v1/events', undefined, { key })).body.items).toEqual([])
})

test.each([
  ['unknown', () => makeKey(randomBytes)],
  ['mistyped', () => `${server.key.slice(0, -1)}_`],
  ['empty', () => ''],
])('an %s key is a 401', async (_what, make) => {
  expect((await server.call('GET', '/api/v1/events', undefined, { key: make() })).status).toBe(401)
})

test('revoked and expired keys are no keys', async () => {
  for (const change of ['revoked_at = now()', "expires_at = now() - interval '1 s'"]) {
    const key = await server.keyWith(['admin'])
    await server.pool.query(`update auth.api_keys set ${change} where name = 'admin'`)
    expect((await server.call('GET', '/api/v1/events', undefined, { key })).status).toBe(401)
  }
})

test('a key becomes a session of the pages, and the session ends', async () => {
  const signedIn = await server.call('POST', '/api/v1/session', { key: server.key }, { key: null })
  expect(signedIn.body).toEqual({ org: server.org, name: 'bootstrap', scopes: ['admin'] })
  expect(String(signedIn.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
  const cookie = cookieOf(signedIn.headers)
  const asPage = (method: 'GET' | 'DELETE', url: string) =>
    server.call(method, url, undefined, { key: null, headers: { cookie } })
  expect((await asPage('GET', '/api/v1/events')).status).toBe(200)
  expect((await asPage('DELETE', '/api/v1/session')).status).toBe(204)
  expect((await asPage('GET', '/api/v1/session')).status).toBe(401)
})

test('a login token opens the pages once', async () => {
  const { body } = await server.call('POST', '/api/v1/login-tokens')
  const open = () => server.call('GET', `/?login=${String(body['token'])}`, undefined, { key: null })
  const first = await open()
  expect([first.status, first.headers['location']]).toEqual([303, '/'])
  const session = await server.call('GET', '/api/v1/session', undefined, {
    key: null,
    headers: { cookie: cookieOf(first.headers) },
  })
  expect(session.status).toBe(200)
  const again = await open()
  expect([again.status, again.headers['location'], again.headers['set-cookie']]).toEqual([
    303,
    '/?login-failed=1',
    undefined,
  ])
})

test('a cookie that another site sends along changes nothing', async () => {
  const signedIn = await server.call('POST', '/api/v1/session', { key: server.key }, { key: null })
  const headers = { cookie: cookieOf(signedIn.headers), host: 'gate.example' }
  const post = (origin: string) =>
    server.call('POST', '/api/v1/events', { name: 'x' }, { key: null, headers: { ...headers, origin } })
  const foreign = await post('https://evil.example')
  expect([foreign.status, foreign.body['code']]).toEqual([403, 'GH-API-008'])
  expect((await post('https://gate.example')).status).toBe(201)
})

test('who asks too often is told when to come back', async () => {
  const busy = await startLimited()
  const statuses = []
  let last
  for (let n = 0; n < 8; n += 1) {
    last = await busy.call('GET', '/api/v1/events', undefined, { key: null })
    statuses.push(last.status)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect(last?.body['code']).toBe('GH-API-009')
  expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0)
  expect((await busy.call('GET', '/livez', undefined, { key: null })).status).toBe(200)
  await busy.close()
})

async function startLimited(): Promise<TestServer> {
  const other = await freshDatabase(async (url) => void (await migrate(url)))
  const limited = await startTestServer(other.url, { limits: { perCaller: 1_000, perAddress: 5 } })
  return { ...limited, close: async () => (await limited.close(), other.drop()) }
}

test('metrics count by route, not by what was asked for', async () => {
  await server.call('GET', `/api/v1/participants/${randomUUID()}`)
  const { text } = await server.call('GET', '/metrics', undefined, { key: null })
  expect(text).toMatch(/http_request_duration_ms_bucket\{[^}]*endpoint="\/api\/v1\/participants\/:id"/)
  expect(text).toMatch(/status_code="404"/)
  expect(createMetrics().contentType).toContain('text/plain')
})

test('every page carries a content security policy without inline scripts', async () => {
  const { headers, status } = await server.call('GET', '/', undefined, { key: null })
  expect(status).toBe(503)
  expect(String(headers['content-security-policy'])).toContain("default-src 'self'")
  expect(String(headers['content-security-policy'])).not.toMatch(/script-src|unsafe-eval/)
})
