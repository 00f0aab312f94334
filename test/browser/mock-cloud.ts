/**
 * The cloud's API for the organizer's pages with nothing behind it: one key, one event in the middle of its morning, a live stream that
 * a test can feed and cut, and a desk that answers as it is told.
 */
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { event, findPeople, gates, minute, opensAt, people } from './fixture-people.ts'
import { type Asked, sendJson, serve } from './serve.ts'

const dist = join(import.meta.dirname, '../../apps/dashboard/dist')
export const goodKey = 'ghk_test_0123456789abcdef'

/** 09:31:20, half an hour into the rush. */
export const nowAt = opensAt + 31 * minute + 20_000

export interface MockCloud {
  readonly origin: string
  readonly asked: string[]
  /** What the desk answers next instead of an admission: a status with a problem, or a decision. */
  readonly desk: { next: { status: number; body: object } | 'drop' | undefined }
  overview: ReturnType<typeof morning>
  scans: object[]
  update(change: object): void
  cut(isCut: boolean): void
  closeWith(code: number): void
  close(): Promise<void>
}

/** A bell of arrivals around the opening, the same every time. */
function minutes() {
  return Array.from({ length: 72 }, (_, turn) => {
    const at = opensAt + (turn - 40) * minute
    const rush = 118 * Math.exp(-(((turn - 44) / 14) ** 2))
    const entries = Math.round(rush + ((turn * 7919) % 11))
    return { at, entries, exits: Math.round(Math.max(0, turn - 45) / 5) }
  })
}

function aGate(place: number, change: object) {
  return {
    ...gates[place],
    zone: null,
    state: 'online',
    since: opensAt - 90 * minute,
    unsent: 0,
    oldestUnsentAt: null,
    rosterCursor: 1842,
    rosterHead: 1842,
    presenceCursor: 99_120,
    presenceHead: 99_120,
    rosterOk: true,
    clockTrust: 'synced',
    problems: [],
    total: 1340,
    unique: 1330,
    today: 1340,
    denied: 12,
    byMethod: { ble_auto: 400, qr_scan: 900, manual: 40 },
    averageMs: 6,
    lastAt: nowAt - 4_000,
    perMinute: 18,
    capacityPerMinute: 30,
    load: 0.6,
    waitSec: 40,
    ...change,
  }
}

function morning() {
  return {
    event,
    at: nowAt,
    totals: {
      participants: 5000,
      arrived: 4020,
      rate: 80.4,
      inside: 3412,
      entries: 4100,
      exits: 688,
      denied: 41,
      asked: 7,
      doubleEntries: 1,
      perMinute: 61.4,
      trend: 'rising',
      lastAt: nowAt - 2_000,
    },
    denials: [{ reason: 'not-yet-valid', count: 17 }],
    gates: [
      aGate(0, {}),
      aGate(1, { load: 0.94, waitSec: 250, perMinute: 28, total: 1706 }),
      aGate(2, {
        state: 'away',
        since: opensAt + 5 * minute,
        unsent: 214,
        rosterCursor: 1839,
        rosterOk: null,
        perMinute: 0,
        load: 0,
        total: 974,
        lastAt: opensAt + 5 * minute,
      }),
    ],
    hours: [],
    minutes: minutes(),
  }
}

function morningScans() {
  const scan = (number: number, secondsAgo: number, gateName: string, more: object) => ({
    id: `scan-${number}`,
    at: nowAt - secondsAgo * 1000,
    gateName,
    lane: 'A',
    direction: 'entry',
    method: 'qr_scan',
    outcome: 'admit',
    reason: null,
    participant: null,
    name: null,
    ticketType: null,
    offline: false,
    flags: [],
    ...more,
  })
  return [
    scan(1, 2, 'North', { name: '김소영', ticketType: 'vip' }),
    scan(2, 9, 'East', { outcome: 'deny', reason: 'not-yet-valid' }),
    scan(3, 14, 'North', { name: 'Alexandra Konstantinopoulou-Featherstonehaugh', method: 'ble_auto' }),
    scan(4, 31, 'East', { outcome: 'ask', reason: 'signed-unknown', flags: ['signed-unknown'] }),
    scan(5, 48, 'East', { direction: 'exit', name: 'Kim Sora' }),
    scan(6, 77, 'North', { name: '남궁민서', method: 'manual', flags: ['revoked-before'] }),
    scan(7, 91, 'West', { name: 'Kim Soyeon', offline: true, flags: ['double-entry'] }),
    scan(8, 99, 'North', { outcome: 'deny', reason: 'already-inside', name: '김수아' }),
  ]
}

const doubles = [
  {
    id: 'double-1',
    participant: people[0]?.id,
    name: 'Kim Soyeon',
    ticketType: 'day',
    first: { gate: gates[0].id, gateName: 'East', at: opensAt - 2 * minute },
    second: { gate: gates[2].id, gateName: 'West', at: opensAt + minute + 10_000 },
  },
]

function asCloudPerson(person: object) {
  return {
    maxEntries: null,
    attention: null,
    validFrom: null,
    validUntil: null,
    presence: null,
    eventId: event.id,
    ...person,
  }
}

export async function startMockCloud(): Promise<MockCloud> {
  let seq = 1
  let isCut = false
  const asked: string[] = []
  const sockets = new Set<WebSocket>()
  const mock = {
    asked,
    desk: { next: undefined } as MockCloud['desk'],
    overview: morning(),
    scans: morningScans() as object[],
  }

  const isSignedIn = ({ request }: Asked) => (request.headers.cookie ?? '').includes('gatehouse=yes')
  const signIn = ({ json, response }: Asked) => {
    if (json().key !== goodKey) return sendJson(response, 401, { code: 'GH-API-001', title: 'not known' })
    response.setHeader('set-cookie', 'gatehouse=yes; HttpOnly; Path=/; SameSite=Strict')
    return sendJson(response, 200, { org: 'Demo', name: 'admin', scopes: ['admin'] })
  }

  const deskCheckIn = ({ json, response }: Asked) => {
    const { next } = mock.desk
    // A browser sends a request again by itself when a kept connection drops, so this one stays until it is taken back.
    if (next === 'drop') {
      response.destroy()
      return true
    }
    mock.desk.next = undefined
    if (next) return sendJson(response, next.status, next.body)
    const { participantId, direction } = json()
    const person = asCloudPerson(people.find(({ id }) => id === participantId) ?? {})
    const decision = { outcome: 'admit', direction }
    return sendJson(response, 200, { decision, person, record: { id: 'r1', timestamp: nowAt } })
  }

  const routes: Record<string, (request: Asked) => boolean> = {
    'GET /api/v1/session': ({ response }) => sendJson(response, 200, { org: 'Demo', name: 'admin', scopes: ['admin'] }),
    'DELETE /api/v1/session': ({ response }) => {
      response.setHeader('set-cookie', 'gatehouse=; Max-Age=0; Path=/')
      response.writeHead(204).end()
      return true
    },
    'GET /api/v1/events': ({ response }) =>
      sendJson(response, 200, { items: [{ ...event, rules: rules() }], next: null }),
    [`GET /api/v1/events/${event.id}/gates`]: ({ response }) => sendJson(response, 200, { items: mock.overview.gates }),
    [`GET /api/v1/events/${event.id}/double-entries`]: ({ response }) => sendJson(response, 200, { items: doubles }),
    [`GET /api/v1/events/${event.id}/desk/find`]: ({ url, response }) =>
      sendJson(response, 200, { items: findPeople(url.searchParams.get('q') ?? '').map(asCloudPerson) }),
    [`POST /api/v1/events/${event.id}/desk/check-in`]: deskCheckIn,
  }

  const server = await serve(dist, { '/': '/index.html', '/wall': '/index.html', '/desk': '/desk.html' }, (request) => {
    const { method, url, body, response } = request
    if (!url.pathname.startsWith('/api/')) return false
    const name = `${method} ${url.pathname}`
    if (method === 'POST')
      asked.push(`${name} ${String(request.request.headers['idempotency-key'] ?? '')} ${body.toString('utf8')}`)
    if (name === 'POST /api/v1/session') return signIn(request)
    if (!isSignedIn(request)) return sendJson(response, 401, { code: 'GH-API-001', title: 'not signed in' })
    return routes[name]?.(request) ?? sendJson(response, 404, { code: 'GH-API-404', title: 'no such thing' })
  })

  const live = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (isCut) {
      socket.destroy()
      return
    }
    live.handleUpgrade(request, socket, head, (opened) => {
      sockets.add(opened)
      opened.on('close', () => sockets.delete(opened))
      opened.send(
        JSON.stringify({ type: 'snapshot', seq, at: mock.overview.at, overview: mock.overview, scans: mock.scans }),
      )
    })
  })

  return Object.assign(mock, {
    origin: server.origin,
    update: (change: object) => {
      seq += 1
      for (const socket of sockets)
        socket.send(JSON.stringify({ type: 'stats.updated', seq, at: nowAt + 1000, ...change }))
    },
    cut: (cut: boolean) => {
      isCut = cut
      if (cut) for (const socket of sockets) socket.terminate()
    },
    closeWith: (code: number) => {
      for (const socket of sockets) socket.close(code)
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

function rules() {
  return {
    id: event.id,
    zones: [
      { id: 'hall-a', name: 'Hall A' },
      { id: 'hall-b', name: 'Hall B' },
    ],
    ticketTypes: { day: { name: 'Day' }, vip: { name: 'VIP' }, speaker: { name: 'Speaker' } },
  }
}
