import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHealth, createMetrics, Failure, silentLogger, systemClock } from '@gatehouse/runtime'
import { someParticipant } from '@gatehouse/testkit'
import fc from 'fast-check'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createKioskApi } from './app.ts'
import { createLiveStream } from './live-stream.ts'
import type { KioskRooms } from './routes.ts'
import type { AnswerView, StateView } from './wire.ts'

const answer: AnswerView = {
  seq: 7,
  at: 5,
  lane: 'a',
  direction: 'entry',
  via: 'qr',
  decision: { outcome: 'admit', direction: 'entry' },
}
const state = { now: 5, unsent: 0 } as unknown as StateView
const host = '127.0.0.1:8090'
let app: FastifyInstance
let folder = ''
let isReady = true

const rooms = {
  state: () => state,
  recent: vi.fn(() => [answer]),
  find: vi.fn(() => []),
  checkIn: vi.fn(() => answer),
  undo: vi.fn(() => true),
  scanText: vi.fn(() => answer),
  scanPicture: vi.fn(async (): Promise<AnswerView | undefined> => answer),
} satisfies KioskRooms

const live = createLiveStream(() => state)

beforeEach(async () => {
  vi.clearAllMocks()
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-kiosk-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Kiosk</title>')
  writeFileSync(join(folder, 'assets', 'kiosk-1234.js'), '1')
  isReady = true
  const metrics = createMetrics()
  const health = createHealth(systemClock)
  const rest = { live, health, metrics, isReady: () => isReady, names: ['gate.example'], logger: silentLogger }
  app = await createKioskApi({ rooms, pages: folder, ...rest })
})
afterEach(async () => {
  await app.close()
  rmSync(folder, { recursive: true, force: true })
})

const call = (sent: InjectOptions) => app.inject({ ...sent, headers: { host, ...sent.headers } })
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  call({
    method: 'POST',
    url,
    payload: JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  })
const text = (payload: string) =>
  call({ method: 'POST', url: '/api/v1/scan', payload, headers: { 'content-type': 'text/plain' } })

describe('the local API', () => {
  test('answers with the state of the gate', async () => {
    const reply = await call({ url: '/api/v1/state' })
    expect([reply.statusCode, reply.json()]).toEqual([200, state])
  })

  test('takes the text of a code, for a lane and a direction when they are named', async () => {
    const reply = await call({
      method: 'POST',
      url: '/api/v1/scan?lane=b&direction=exit',
      payload: 'GT1:ABC\r\n',
      headers: { 'content-type': 'text/plain;charset=utf-8' },
    })
    expect([reply.statusCode, reply.json()]).toEqual([200, answer])
    expect(rooms.scanText).toHaveBeenCalledWith('GT1:ABC\r\n', { lane: 'b', direction: 'exit' })
  })

  test('takes a picture, and says so when there is no code in it', async () => {
    const picture = {
      method: 'POST',
      url: '/api/v1/scan',
      payload: Buffer.from('png'),
      headers: { 'content-type': 'image/png' },
    } as const
    expect((await call(picture)).statusCode).toBe(200)
    rooms.scanPicture.mockResolvedValueOnce(undefined)
    const reply = await call(picture)
    expect([reply.statusCode, reply.json().code]).toEqual([422, 'GH-KIOSK-008'])
  })

  test('finds nobody for a single letter, and passes on the rest', async () => {
    await call({ url: '/api/v1/find?q=k' })
    expect(rooms.find).not.toHaveBeenCalled()
    const reply = await call({ url: `/api/v1/find?q=${encodeURIComponent('소영')}` })
    expect([reply.statusCode, reply.json()]).toEqual([200, { people: [] }])
    expect(rooms.find).toHaveBeenCalledWith('소영', 20)
  })

  test('checks in by hand with the name of the staff, also against a denial', async () => {
    const body = { participant: someParticipant, staff: 'desk-1', override: { note: 'speaker' } }
    expect((await post('/api/v1/check-in', body)).statusCode).toBe(200)
    expect(rooms.checkIn).toHaveBeenCalledWith({ ...body, override: { staff: 'desk-1', note: 'speaker' } })
  })

  test('takes an admission back, or says that there is none', async () => {
    expect((await post('/api/v1/undo', { seq: 7, staff: 'desk-1' })).json()).toEqual({ undone: 7 })
    rooms.undo.mockReturnValueOnce(false)
    const reply = await post('/api/v1/undo', { seq: 8, staff: 'desk-1' })
    expect([reply.statusCode, reply.json().code]).toEqual([409, 'GH-KIOSK-009'])
  })

  test('lists the last answers, as many as asked for', async () => {
    expect((await call({ url: '/api/v1/recent?limit=5' })).json()).toEqual({ answers: [answer] })
    expect(rooms.recent).toHaveBeenCalledWith(5)
  })

  test('serves the staff page fresh and its hashed parts for good', async () => {
    const page = await call({ url: '/' })
    expect([page.statusCode, page.headers['cache-control']]).toEqual([200, 'no-cache'])
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
    expect((await call({ url: '/assets/kiosk-1234.js' })).headers['cache-control']).toContain('immutable')
  })

  test('says whether it lives, whether it is ready, and what it counts', async () => {
    expect((await call({ url: '/livez' })).statusCode).toBe(200)
    expect((await call({ url: '/readyz' })).statusCode).toBe(200)
    isReady = false
    expect((await call({ url: '/readyz' })).statusCode).toBe(503)
    expect((await call({ url: '/metrics' })).body).toContain('gatehouse_http_refused_total')
  })
})

describe('what the local API refuses', () => {
  const manual = { participant: someParticipant, staff: 'desk-1' }

  test.each([
    ['an act without the name of staff', { participant: someParticipant }],
    ['a blank name of staff', { ...manual, staff: '  ' }],
    ['an override without a reason', { ...manual, override: { note: '' } }],
    ['an id that is none', { ...manual, participant: "1' OR 1=1" }],
    ['an unknown direction', { ...manual, direction: 'up' }],
    ['a field too many', { ...manual, admin: true }],
    ['a list', [manual]],
    ['nothing', null],
  ])('%s', async (_what, body) => {
    const reply = await post('/api/v1/check-in', body)
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'GH-KIOSK-001'])
    expect(reply.headers['content-type']).toContain('application/problem+json')
    expect(rooms.checkIn).not.toHaveBeenCalled()
  })

  test.each([
    ['bad JSON', 'POST', '/api/v1/undo', '{"seq":', 'application/json', 400, 'GH-KIOSK-002'],
    [
      'a poisoned prototype',
      'POST',
      '/api/v1/undo',
      '{"__proto__":{"a":1},"seq":1}',
      'application/json',
      400,
      'GH-KIOSK-002',
    ],
    ['an empty body', 'POST', '/api/v1/undo', '', 'application/json', 400, 'GH-KIOSK-002'],
    ['text where JSON belongs', 'POST', '/api/v1/undo', 'seq=1', 'text/plain', 400, 'GH-KIOSK-001'],
    ['a form', 'POST', '/api/v1/check-in', 'a=b', 'application/x-www-form-urlencoded', 415, 'GH-KIOSK-004'],
    ['JSON where a code belongs', 'POST', '/api/v1/scan', '{}', 'application/json', 415, 'GH-KIOSK-004'],
    ['a text that no code can hold', 'POST', '/api/v1/scan', 'A'.repeat(9_000), 'text/plain', 413, 'GH-KIOSK-003'],
    [
      'a huge JSON body',
      'POST',
      '/api/v1/check-in',
      JSON.stringify({ a: 'x'.repeat(20_000) }),
      'application/json',
      413,
      'GH-KIOSK-003',
    ],
    ['an unknown address', 'GET', '/api/v1/users', '', undefined, 404, 'GH-KIOSK-005'],
    ['a path out of the pages', 'GET', '/..%2f..%2fetc%2fpasswd', '', undefined, 404, 'GH-KIOSK-005'],
    ['a list without end', 'GET', '/api/v1/recent?limit=1000000000', '', undefined, 400, 'GH-KIOSK-001'],
    ['a lane with odd letters', 'POST', '/api/v1/scan?lane=%27%3B', 'x', 'text/plain', 400, 'GH-KIOSK-001'],
  ] as const)('%s', async (_what, method, url, payload, type, status, code) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const reply = await call({ method, url, headers, ...(payload === '' ? {} : { payload }) })
    expect([reply.statusCode, reply.json().code]).toEqual([status, code])
  })

  test('a picture larger than any camera makes', async () => {
    const payload = Buffer.alloc(8 * 1024 * 1024 + 1)
    const reply = await call({ method: 'POST', url: '/api/v1/scan', payload, headers: { 'content-type': 'image/png' } })
    expect([reply.statusCode, reply.json().code]).toEqual([413, 'GH-KIOSK-003'])
  })

  test.each(['evil.example', 'localhost.evil.example:8090', '127.0.0.1.evil.example'])(
    'a caller that uses the name "%s" for it',
    async (name) => {
      const reply = await call({ url: '/api/v1/state', headers: { host: name } })
      expect([reply.statusCode, reply.json().code]).toEqual([403, 'GH-KIOSK-006'])
    },
  )

  test.each(['localhost:8090', '[::1]:8090', '192.168.7.20:8090', 'gate.example'])(
    'but not one that calls it %s',
    async (name) => {
      expect((await call({ url: '/api/v1/state', headers: { host: name } })).statusCode).toBe(200)
    },
  )

  test('an act from a page of another site', async () => {
    const reply = await post('/api/v1/undo', { seq: 1, staff: 'x' }, { origin: 'https://evil.example' })
    expect([reply.statusCode, reply.json().code]).toEqual([403, 'GH-KIOSK-007'])
    expect((await post('/api/v1/undo', { seq: 1, staff: 'x' }, { origin: `http://${host}` })).statusCode).toBe(200)
  })

  test('nothing silently: a full disk is said to be one, and other trouble shows no inside', async () => {
    rooms.scanText.mockImplementationOnce(() => {
      throw new Failure('GH-STORE-003', 'the journal cannot be written')
    })
    const full = await text('x')
    expect([full.statusCode, full.json().code]).toEqual([503, 'GH-KIOSK-011'])
    rooms.scanText.mockImplementationOnce(() => {
      throw new TypeError('secret of the inside')
    })
    const broken = await text('x')
    expect([broken.statusCode, broken.json().code]).toEqual([500, 'GH-KIOSK-012'])
    expect(broken.body).not.toContain('secret')
  })

  test('whatever is posted, the answer is a number below 500', async () => {
    const types = [
      'application/json',
      'text/plain',
      'image/png',
      'application/xml',
      'multipart/form-data; boundary=x',
      ';;',
    ]
    const urls = ['/api/v1/scan', '/api/v1/check-in', '/api/v1/undo', '/api/v1/find', '/']
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...urls),
        fc.constantFrom(...types),
        fc.oneof(fc.string(), fc.json()),
        async (url, type, payload) => {
          const reply = await call({ method: 'POST', url, payload, headers: { 'content-type': type } })
          expect(reply.statusCode).toBeLessThan(500)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('the live stream', () => {
  async function listen() {
    const base = await app.listen({ host: '127.0.0.1', port: 0 })
    const reply = await fetch(`${base}/api/v1/live`)
    const reader = reply.body?.getReader()
    let seen = ''
    const decoder = new TextDecoder()
    const until = async (wanted: string) => {
      while (!seen.includes(wanted)) {
        const part = await reader?.read()
        if (!part || part.done) return
        seen += decoder.decode(part.value)
      }
    }
    return { reply, until, seen: () => seen, cancel: () => reader?.cancel() }
  }

  test('begins with the state and goes on with what happens', async () => {
    const { reply, until, seen, cancel } = await listen()
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    await until('event: state')
    live.send({ event: 'answer', data: answer })
    live.send({ event: 'undone', data: { seq: 7 } })
    await until('event: undone')
    expect(seen()).toContain(`event: answer\ndata: ${JSON.stringify(answer)}\n\n`)
    await cancel()
    await vi.waitFor(() => expect(live.listeners).toBe(0))
  })

  test('is bounded in how many may listen', async () => {
    const open = await Promise.all(Array.from({ length: 33 }, () => listen()))
    expect(
      open
        .map(({ reply }) => reply.status)
        .toSorted((one, other) => one - other)
        .at(-1),
    ).toBe(503)
    for (const one of open) await one.cancel()
  })
})
