// Every route is walked: it has a permission, it is documented, and no input of anybody's makes it a 5xx.
import { randomUUID } from 'node:crypto'
import { freshDatabase } from '@gatehouse/testkit'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVenue, startTestServer, type TestServer, type Venue } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'
import { apiRoutes } from './app.ts'
import type { Route } from './route.ts'
import { ProblemSchema } from './schemas.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let venue: Venue
let routes: readonly Route[]

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
  venue = await openVenue(server)
  routes = apiRoutes(server.rooms)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

test('a route without a permission ends the start', async () => {
  expect(() => server.app.get('/open', () => 'x')).toThrow()
})

test('every route of the API is in the OpenAPI 3.1 document with its answers', async () => {
  const { body } = await server.call('GET', '/openapi.json', undefined, { key: null })
  const paths = body['paths'] as Record<string, Record<string, { responses: object }>>
  expect(body['openapi']).toBe('3.1.0')
  for (const { method, url, answers } of routes) {
    const documented = paths[`/api/v1${url.replace(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()]
    expect(Object.keys(documented?.responses ?? {}), `${method} ${url}`).toEqual(
      expect.arrayContaining(Object.keys(answers)),
    )
  }
})

/** Values that have made servers stumble, and whatever else there is. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\0',
    '\ud800',
    '김'.repeat(300),
    "'; drop table x; --",
    '<script>',
    '../../etc/passwd',
    '${7*7}',
    '%00',
    -1,
    0,
    1e308,
    2 ** 53,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    [[]],
    true,
    { __proto__: null },
    { constructor: 1 },
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
)

interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly pattern?: string
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
}

/** Bodies of the right shape, with ids that exist or not. */
function likely(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(likely))
  if (schema.pattern?.includes('[0-9a-f]{8}-'))
    return fc.constantFrom(venue.event, venue.gates[0], venue.people[0]?.id, venue.people[1]?.id, randomUUID())
  if (schema.type === 'string')
    return fc.oneof(
      fc.constantFrom('a@example.org', new Date().toISOString(), 'day'),
      fc.string({ unit: 'grapheme', maxLength: Math.min(schema.maxLength ?? 40, 200) }),
    )
  if (schema.type === 'integer' || schema.type === 'number')
    return fc.oneof(fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 1), fc.integer({ min: 0, max: 1000 }))
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'array') return fc.array(likely(schema.items ?? {}), { maxLength: 4 })
  if (schema.properties)
    return fc.record(
      Object.fromEntries(Object.entries(schema.properties).map(([name, child]) => [name, likely(child)])),
      { requiredKeys: [] },
    )
  return fc.jsonValue({ maxDepth: 3 })
}

/** A likely value with one thing in it broken. */
function broken(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.tuple(likely(schema), nasty, fc.nat(), fc.string({ maxLength: 10 })).map(([value, bad, at, name]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad
    const keys = Object.keys(value)
    const key = at % 4 === 0 ? name : (keys[at % Math.max(1, keys.length)] ?? name)
    return { ...value, [key]: bad }
  })
}

function inputFor({ url, query, body }: Route) {
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constant(existing(url)) },
    fc.constant(randomUUID()),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
    fc.constant('%ff'),
  )
  const asked = query ? fc.oneof(likely(query as JsonSchema), broken(query as JsonSchema)) : fc.constant({})
  const sent = body ? fc.oneof(likely(body as JsonSchema), broken(body as JsonSchema), nasty) : fc.constant(undefined)
  return fc.record({ id, asked, sent })
}

function existing(url: string): string {
  return String(
    url.startsWith('/events') ? venue.event : url.startsWith('/gates') ? venue.gates[1] : venue.people[2]?.id,
  )
}

function pathFor(url: string, id: string, asked: unknown): string {
  const safe = id === '%ff' ? id : encodeURIComponent(id.toWellFormed())
  const search = new URLSearchParams(Object.entries(asked ?? {}).map(([name, value]) => [name, asText(value)]))
  return `/api/v1${url.replace(/:\w+/g, safe)}?${search}`
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

test('whatever is sent to a route, the answer is never a 5xx, and every refusal is a problem with a code', {
  timeout: 120_000,
}, async () => {
  for (const route of routes) {
    await fc
      .assert(
        fc.asyncProperty(inputFor(route), async ({ id, asked, sent }) => {
          const reply = await server.app.inject({
            method: route.method,
            url: pathFor(route.url, id, asked),
            headers: {
              authorization: `Bearer ${server.key}`,
              ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
            },
            ...(sent === undefined ? {} : { payload: JSON.stringify(sent) }),
          })
          if (reply.statusCode >= 500) throw new Error(`${reply.statusCode} ${reply.body}`)
          if (reply.statusCode >= 400) return Value.Check(ProblemSchema, reply.json())
          const schema: TSchema | undefined = route.answers[reply.statusCode]
          if (!schema) throw new Error(`undocumented answer ${reply.statusCode}`)
          return !String(reply.headers['content-type']).includes('application/json') || isAnswer(schema, reply.json())
        }),
        { numRuns: 60 },
      )
      .catch((error: unknown) => {
        throw new Error(`${route.method} ${route.url}: ${String(error)}`)
      })
  }
})

function isAnswer(schema: TSchema, body: unknown): boolean {
  if (Value.Check(schema, body)) return true
  const [first] = Value.Errors(schema, body)
  throw new Error(`answer does not fit its schema: ${first?.instancePath} ${first?.message}`)
}

test.each([
  ['no JSON', { payload: '{"a":', headers: { 'content-type': 'application/json' } }, 400],
  ['an empty body', { payload: '', headers: { 'content-type': 'application/json' } }, 400],
  ['another content type', { payload: '<a/>', headers: { 'content-type': 'application/xml' } }, 415],
  ['a form', { payload: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
  [
    'two megabytes',
    { payload: JSON.stringify({ a: 'x'.repeat(2_000_000) }), headers: { 'content-type': 'application/json' } },
    413,
  ],
  [
    'a hundred thousand brackets',
    { payload: '['.repeat(100_000) + ']'.repeat(100_000), headers: { 'content-type': 'application/json' } },
    400,
  ],
  ['a prototype', { payload: '{"__proto__":{"admin":true}}', headers: { 'content-type': 'application/json' } }, 400],
])('%s is refused with a problem', async (_what, { payload, headers }, status) => {
  for (const url of ['/api/v1/attendance/record', '/api/v1/events']) {
    const reply = await server.app.inject({
      method: 'POST',
      url,
      payload,
      headers: { ...headers, authorization: `Bearer ${server.key}` },
    })
    expect([url, reply.statusCode]).toEqual([url, status])
    expect(Value.Check(ProblemSchema, reply.json())).toBe(true)
    expect(reply.headers['content-type']).toContain('application/problem+json')
  }
})

test('text that no column can hold is refused before the database is asked', async () => {
  for (const name of ['a\0b', 'a\ud800b']) {
    const bodies = [
      server.call('POST', '/api/v1/events', { name }),
      server.call('GET', `/api/v1/events/${venue.event}/participants?q=a%00`),
    ]
    for (const { status, body } of await Promise.all(bodies))
      expect([status, body['code']]).toEqual([400, 'GH-API-002'])
  }
})

test('unknown paths and broken escapes are problems too', async () => {
  for (const url of [
    '/api/v1/nothing',
    '/api/v1/events/%ff',
    '/api/v1/events/%',
    '/../../etc/passwd',
    '/assets/../../x',
  ]) {
    const reply = await server.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${server.key}` } })
    expect(reply.statusCode, url).toBeGreaterThanOrEqual(400)
    expect(reply.statusCode, url).toBeLessThan(500)
    expect(Value.Check(ProblemSchema, reply.json()), url).toBe(true)
  }
})

test('a database that is gone is a 503 that says when to come back, without any detail', async () => {
  const other = await freshDatabase(async (url) => void (await migrate(url)))
  const lost = await startTestServer(other.url)
  await lost.call('GET', '/api/v1/events')
  await other.drop()
  const reply = await lost.call('GET', '/api/v1/events')
  expect([reply.status, reply.headers['retry-after']]).toEqual([503, '2'])
  expect(reply.text).not.toMatch(/test_|postgres|at /)
  await lost.close()
})
