/**
 * The whole API on a real database, for the tests of api/ and live/: one organization with a key of every scope. Requests go
 * in by `inject`, without a port.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import type { EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import { rawPublicKey } from '@gatehouse/protocol'
import { type Clock, createHealth, createMetrics, silentLogger, systemClock } from '@gatehouse/runtime'
import type { FastifyInstance } from 'fastify'
import { type ApiDeps, createApi } from '../src/api/app.ts'
import { createRooms, type Rooms } from '../src/api/rooms.ts'
import { createRecord } from '../src/attendance/record.ts'
import { bootstrap } from '../src/auth/bootstrap.ts'
import type { Scope } from '../src/auth/caller.ts'
import { hashSecret, keyPrefix, makeKey } from '../src/auth/key.ts'
import { createPool } from '../src/db/pool.ts'
import { createWriter } from '../src/db/writer.ts'
import { createPgIngestStore } from '../src/ingest/pg-ingest-store.ts'
import { createRecordRequests } from '../src/ingest/pg-requests.ts'
import type { TicketKeys } from '../src/roster/ports.ts'

type Pool = ReturnType<typeof createPool>

export interface TestServer {
  readonly app: FastifyInstance
  readonly rooms: Rooms
  readonly pool: Pool
  readonly org: OrgId
  readonly key: string
  /** Sends as the admin unless another key, or null for none, is given. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown, options?: CallOptions): Promise<Reply>
  keyWith(scopes: readonly Scope[], org?: OrgId): Promise<string>
  anotherOrg(): Promise<{ org: OrgId; key: string }>
  close(): Promise<void>
}

export interface CallOptions {
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface Reply {
  readonly status: number
  /** Of JSON answers; the test says what it expects of it. */
  readonly body: Record<string, unknown> & { id: string; next: string | null; items: Record<string, unknown>[] }
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly bytes: Buffer
}

export async function startTestServer(
  url: string,
  options: {
    clock?: Clock
    limits?: ApiDeps['limits']
    pagesDir?: string
    /** Of the server that was first on the same database. */
    key?: string
  } = {},
): Promise<TestServer> {
  const clock = options.clock ?? systemClock
  const pool = createPool({ url, max: 10, name: 'test', onError: () => undefined })
  const writer = createWriter({ url, name: 'test requests' })
  const store = createPgIngestStore({ writer, clock, number: 0 })
  const metrics = createMetrics()
  const shared = { clock, logger: silentLogger, metrics }
  const newId = () => randomUUID()
  const rooms = createRooms({
    ...shared,
    pool,
    randomBytes,
    newId,
    record: createRecord({ pool, write: createRecordRequests({ store, connection: writer, clock, newId }) }),
    ticketKeys: keysInMemory(),
    issueHandover: async (gate) => ({ gate, certificate: 'PEM' }),
  })
  const readiness = { health: createHealth(clock), ready: async () => [{ name: 'database', ok: true }] }
  const limits = options.limits ?? { perCaller: 1_000_000, perAddress: 1_000_000 }
  const app = await createApi({ ...shared, rooms, readiness, pagesDir: options.pagesDir ?? '/nonexistent', limits })
  await app.ready()
  const { org, key = options.key } = await bootstrap({ pool, clock, randomBytes, newId })
  if (key === undefined) throw new Error('the database was not fresh')

  async function keyWith(scopes: readonly Scope[], of: OrgId = org): Promise<string> {
    const made = makeKey(randomBytes)
    await pool.query(
      'insert into auth.api_keys (id, org, name, prefix, hash, scopes) values ($1, $2, $3, $4, $5, $6)',
      [newId(), of, scopes.join(), keyPrefix(made), hashSecret(made), scopes],
    )
    return made
  }

  return {
    app,
    rooms,
    pool,
    org,
    key,
    keyWith,
    async call(method, path, body, { key: given, headers = {} } = {}) {
      const authorization = given === null ? {} : { authorization: `Bearer ${given ?? key}` }
      const response = await app.inject({
        method,
        url: path,
        headers: { ...authorization, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      const isJson = String(response.headers['content-type'] ?? '').includes('json')
      return {
        status: response.statusCode,
        body: isJson ? response.json() : {},
        headers: response.headers,
        text: response.body,
        bytes: response.rawPayload,
      } as Reply
    },
    async anotherOrg() {
      const other = newId() as OrgId
      await pool.query('insert into auth.orgs (id, name) values ($1, $2)', [other, 'other'])
      return { org: other, key: await keyWith(['admin'], other) }
    },
    async close() {
      await app.close()
      await writer.end()
      await pool.end()
    },
  }
}

function keysInMemory(): TicketKeys {
  const keys = new Map<EventId, KeyObject>()
  const keyOf = (event: EventId) => {
    const known = keys.get(event) ?? generateKeyPairSync('ed25519').privateKey
    keys.set(event, known)
    return known
  }
  return {
    async ensure(event) {
      return { id: 1, publicKey: Buffer.from(rawPublicKey(keyOf(event))).toString('base64') }
    },
    signer: async (event) => ({ id: 1, privateKey: keyOf(event) }),
  }
}

export interface Venue {
  readonly event: EventId
  readonly gates: readonly GateId[]
  readonly people: readonly { id: ParticipantId; ticket?: string; badgeNumber?: number }[]
}

/** An event that runs now, with gates and people made through the API. */
export async function openVenue(
  server: TestServer,
  wanted: { gates?: number; people?: number; event?: object; person?: object } = {},
): Promise<Venue> {
  const now = Date.now()
  const event = await server.call('POST', '/api/v1/events', {
    name: 'Spring Expo',
    timeZone: 'Asia/Seoul',
    startsAt: now - 3_600_000,
    endsAt: now + 8 * 3_600_000,
    ...wanted.event,
  })
  if (event.status !== 201) throw new Error(event.text)
  const id = event.body.id as EventId
  const gates: GateId[] = []
  for (let n = 1; n <= (wanted.gates ?? 2); n += 1) {
    const gate = await server.call('POST', `/api/v1/events/${id}/gates`, { name: `Gate ${n}` })
    gates.push(gate.body.id as GateId)
  }
  const items = Array.from({ length: wanted.people ?? 3 }, (_, n) => ({
    externalId: `x${n}`,
    name: `Person ${n}`,
    email: `p${n}@example.org`,
    ...wanted.person,
  }))
  const people = await server.call('POST', `/api/v1/events/${id}/participants/bulk`, { items })
  if (people.status !== 201) throw new Error(people.text)
  return { event: id, gates, people: people.body.items as unknown as Venue['people'] }
}
