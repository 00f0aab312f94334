/**
 * A gate agent's local API with nothing behind it: it knows six people, admits the active ones, and lets a test say what happens
 * in the lane, on the link and with the door.
 */
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { event, findPeople, gates, minute, opensAt, people } from './fixture-people.ts'
import { type Asked, sendJson, serve } from './serve.ts'

const dist = join(import.meta.dirname, '../../apps/kiosk/dist')

export interface MockGate {
  readonly origin: string
  /** What the page asked for, newest last: "POST /api/v1/check-in {…}". */
  readonly asked: string[]
  answer(of: object): void
  state(change: object): void
  /** Cuts the live stream and refuses new ones until given back. */
  cut(isCut: boolean): void
  close(): Promise<void>
}

function firstState() {
  return {
    gate: { id: gates[1].id, name: 'Gate 2 · North', lane: 'A', direction: 'entry' },
    event: {
      ...event,
      zones: [
        { id: 'hall-a', name: 'Hall A' },
        { id: 'hall-b', name: 'Hall B' },
        { id: 'stage', name: 'Stage' },
      ],
      ticketTypes: { day: { name: 'Day' }, vip: { name: 'VIP' }, speaker: { name: 'Speaker' } },
    },
    link: { state: 'up', sinceAt: opensAt - 40 * minute },
    unsent: 0,
    clock: { trust: 'synced' },
    roster: { cursor: 1842, rows: 5000, appliedAt: opensAt - minute },
    inside: 3412,
    door: { state: 'locked' },
    decisions: { total: 1306, admit: 1284, deny: 19, ask: 3 },
    checks: [
      { name: 'journal', ok: true },
      { name: 'reader', ok: true },
      { name: 'door', ok: true },
    ],
    software: '0.1.0',
    now: Date.now(),
  }
}

export async function startMockGate(): Promise<MockGate> {
  let seq = 100
  let state: object = firstState()
  let isCut = false
  const listeners = new Set<ServerResponse>()
  const asked: string[] = []

  const tell = (name: string, data: object) => {
    for (const listener of listeners) listener.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  const decide = (participant: object | undefined, direction: string, more: object) => {
    const { status } = (participant ?? {}) as { status?: string }
    const base = { direction, ...more }
    if (!participant) return { ...base, outcome: 'deny', reason: 'unknown', rule: 'ADMIT-1' }
    if (status === 'cancelled' && !('overridden' in more)) {
      return { ...base, outcome: 'deny', reason: 'cancelled', rule: 'ADMIT-2' }
    }
    return { ...base, outcome: 'admit' }
  }

  const answerOf = (participant: object | undefined, via: string, direction: string, more: object = {}) => {
    seq += 1
    return {
      seq,
      at: Date.now(),
      lane: 'A',
      direction,
      via,
      decision: decide(participant, direction, more),
      ...(participant ? { participant } : {}),
    }
  }

  const live = ({ response }: Asked) => {
    if (isCut) return sendJson(response, 503, { code: 'GH-TEST-001', detail: 'cut' })
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    listeners.add(response)
    response.on('close', () => listeners.delete(response))
    response.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`)
    return true
  }

  const checkIn = ({ json, response }: Asked) => {
    const { participant, direction = 'entry', override } = json()
    const found = people.find(({ id }) => id === participant)
    const answer = answerOf(found, 'manual', String(direction), override ? { overridden: 'cancelled' } : {})
    tell('answer', answer)
    return sendJson(response, 200, answer)
  }

  const scan = ({ body, response }: Asked) => {
    const answer = answerOf(body.toString().startsWith('GT1:') ? people[5] : undefined, 'qr', 'entry')
    tell('answer', answer)
    return sendJson(response, 200, answer)
  }

  const server = await serve(dist, { '/': '/index.html' }, (request) => {
    const { method, url, body, response } = request
    if (!url.pathname.startsWith('/api/')) return false
    if (method === 'POST') asked.push(`${method} ${url.pathname} ${body.toString('utf8').slice(0, 300)}`)
    switch (`${method} ${url.pathname}`) {
      case 'GET /api/v1/live':
        return live(request)
      case 'GET /api/v1/state':
        return sendJson(response, 200, state)
      case 'GET /api/v1/recent':
        return sendJson(response, 200, { answers: [] })
      case 'GET /api/v1/find':
        return sendJson(response, 200, { people: findPeople(url.searchParams.get('q') ?? '') })
      case 'POST /api/v1/check-in':
        return checkIn(request)
      case 'POST /api/v1/scan':
        return scan(request)
      case 'POST /api/v1/undo':
        return sendJson(response, 200, { undone: request.json().seq })
      default:
        return sendJson(response, 404, { code: 'GH-TEST-404', detail: 'no such route' })
    }
  })

  return {
    origin: server.origin,
    asked,
    answer: (of) => {
      seq += 1
      tell('answer', { seq, at: Date.now(), lane: 'A', direction: 'entry', via: 'qr', ...of })
    },
    state: (change) => {
      state = { ...state, ...change }
      tell('state', state)
    },
    cut: (cut) => {
      isCut = cut
      if (cut) for (const listener of listeners) listener.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        for (const listener of listeners) listener.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
