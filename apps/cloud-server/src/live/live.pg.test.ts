// The live WebSocket with real sockets: who is let in, what they get, and who is let go.
import { once } from 'node:events'
import { connect } from 'node:net'
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openVenue, startTestServer, type TestServer, type Venue } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let venue: Venue
let port: number
const ending = new AbortController()
const WAIT_MS = 10_000

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url)
  venue = await openVenue(server, { people: 40 })
  port = Number(new URL(await server.app.listen({ port: 0, host: '127.0.0.1' })).port)
  void server.rooms.live.run(ending.signal)
})
afterAll(async () => {
  ending.abort()
  await server.close()
  await database.drop()
})

interface Message {
  readonly type: string
  readonly seq: number
  readonly at: number
  readonly overview: { totals: { participants: number } }
  readonly scans: { participant: string; outcome: string; via: string; name: string }[]
}

const liveUrl = (query = '', event: string = venue.event) =>
  `ws://127.0.0.1:${port}/api/v1/events/${event}/live${query}`

async function aTicket(key?: string): Promise<string> {
  const { body } = await server.call(
    'POST',
    '/api/v1/live-tickets',
    { eventId: venue.event },
    key === undefined ? {} : { key },
  )
  return String(body['ticket'])
}

async function aCookie(): Promise<string> {
  const { headers } = await server.call('POST', '/api/v1/session', { key: server.key }, { key: null })
  return String(headers['set-cookie']).split(';')[0] ?? ''
}

async function closeCodeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close', { signal: AbortSignal.timeout(WAIT_MS) })) as [number]
  return code
}

/** Collects messages; `until` resolves with the first that fits, now or later. */
function listen(socket: WebSocket) {
  const messages: Message[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message))
  return {
    messages,
    async until(fits: (message: Message) => boolean): Promise<Message> {
      const deadline = AbortSignal.timeout(WAIT_MS)
      for (;;) {
        const message = messages.find(fits)
        if (message) return message
        await once(socket, 'message', { signal: deadline })
      }
    },
  }
}

test('with a ticket one gets a snapshot, and a check-in appears as a change', async () => {
  const socket = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  const heard = listen(socket)
  const snapshot = await heard.until(({ type }) => type === 'snapshot')
  expect(snapshot).toMatchObject({ seq: expect.any(Number), overview: { totals: { participants: 40 } }, scans: [] })
  const participantId = venue.people[0]?.id
  await server.call('POST', '/api/v1/attendance/record', {
    participantId,
    gateId: venue.gates[0],
    timestamp: new Date().toISOString(),
    method: 'qr_scan',
  })
  const update = await heard.until(({ type, scans }) => type === 'stats.updated' && scans.length > 0)
  expect(update.scans).toMatchObject([{ participant: participantId, outcome: 'admit', via: 'qr', name: 'Person 0' }])
  const numbered = heard.messages.filter(({ type }) => type === 'stats.updated').map(({ seq }) => seq)
  expect(numbered).toEqual(numbered.map((_, n) => snapshot.seq + 1 + n))
  socket.close()
})

test('a ticket opens one connection, for its event only', async () => {
  const ticket = await aTicket()
  const socket = new WebSocket(liveUrl(`?ticket=${ticket}`))
  await listen(socket).until(({ type }) => type === 'snapshot')
  expect(await closeCodeOf(new WebSocket(liveUrl(`?ticket=${ticket}`)))).toBe(4401)
  const other = await openVenue(server)
  expect(await closeCodeOf(new WebSocket(liveUrl(`?ticket=${await aTicket()}`, other.event)))).toBe(4401)
  socket.close()
})

test('nobody without ticket or session is let in', async () => {
  expect(await closeCodeOf(new WebSocket(liveUrl()))).toBe(4401)
  expect(await closeCodeOf(new WebSocket(liveUrl('?ticket=%00')))).toBe(4401)
  expect(await closeCodeOf(new WebSocket(liveUrl(), { headers: { cookie: 'gatehouse_session=nonsense' } }))).toBe(4401)
})

test('the session of the pages is enough, but not from another site', async () => {
  const cookie = await aCookie()
  const ours = new WebSocket(liveUrl(), { headers: { cookie }, origin: `http://127.0.0.1:${port}` })
  await listen(ours).until(({ type }) => type === 'snapshot')
  ours.close()
  const theirs = new WebSocket(liveUrl(), { headers: { cookie }, origin: 'https://evil.example' })
  expect(await closeCodeOf(theirs)).toBe(4403)
})

test('an event of another organization is refused like one that does not exist', async () => {
  const { key } = await server.anotherOrg()
  const headers = { authorization: `Bearer ${key}` }
  expect(await closeCodeOf(new WebSocket(liveUrl(), { headers }))).toBe(4403)
  expect(await closeCodeOf(new WebSocket(liveUrl('', 'nonsense'), { headers }))).toBe(4403)
  const { body } = await server.call('POST', '/api/v1/live-tickets', { eventId: venue.event }, { key })
  expect(body['code']).toBe('GH-API-007')
})

test('a viewer that talks too much is closed with 1009, a little talk is ignored', async () => {
  const socket = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  const heard = listen(socket)
  await heard.until(({ type }) => type === 'snapshot')
  socket.send('hello')
  socket.send('x'.repeat(2_000))
  expect(await closeCodeOf(socket)).toBe(1009)
})

test('a hundred thousand messages from a viewer cost nobody anything', { timeout: 30_000 }, async () => {
  const loud = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  await listen(loud).until(({ type }) => type === 'snapshot')
  for (let n = 0; n < 100_000; n += 1) loud.send('x')
  const quiet = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  await listen(quiet).until(({ type }) => type === 'snapshot')
  loud.terminate()
  quiet.close()
})

test('a viewer that reads nothing does not keep the others waiting', { timeout: 30_000 }, async () => {
  const frozen = connect(port, '127.0.0.1')
  const ticket = await aTicket()
  frozen.pause()
  frozen.write(
    `GET /api/v1/events/${venue.event}/live?ticket=${ticket} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  )
  const socket = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  const heard = listen(socket)
  await heard.until(({ type }) => type === 'snapshot')
  for (const person of venue.people.slice(10, 15)) {
    await server.call('POST', '/api/v1/attendance/record', {
      participantId: person.id,
      gateId: venue.gates[1],
      timestamp: new Date().toISOString(),
      method: 'manual',
    })
    await heard.until(({ scans }) => scans?.some(({ participant }) => participant === person.id) ?? false)
  }
  frozen.destroy()
  socket.close()
})

test('a check-in at one process is seen by the viewers of another', async () => {
  const other = await startTestServer(database.url, { key: server.key })
  const socket = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  const heard = listen(socket)
  await heard.until(({ type }) => type === 'snapshot')
  const participantId = venue.people[30]?.id
  const record = { participantId, gateId: venue.gates[0], timestamp: new Date().toISOString(), method: 'manual' }
  expect((await other.call('POST', '/api/v1/attendance/record', record)).status).toBe(201)
  await heard.until(({ scans }) => scans?.some(({ participant }) => participant === participantId) ?? false)
  socket.close()
  await other.close()
})

test('a server that ends tells its viewers to come back', async () => {
  const socket = new WebSocket(liveUrl(`?ticket=${await aTicket()}`))
  await listen(socket).until(({ type }) => type === 'snapshot')
  const code = closeCodeOf(socket)
  await server.app.close()
  expect(await code).toBe(1012)
})
