// The live hub in virtual time: who gets what, how often, and what becomes of the slow.
import type { EventId, OrgId } from '@gatehouse/domain'
import { createMetrics, silentLogger } from '@gatehouse/runtime'
import { createVirtualClock, someEvent } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import type { Overview, Scan } from '../stats/overview-types.ts'
import { createLiveHub, type Viewer } from './hub.ts'

const org = '01990000-0000-7000-8000-000000000001' as OrgId

function anOverview(arrived: number, at: number): Overview {
  const totals = {
    participants: 100,
    arrived,
    rate: arrived,
    inside: arrived,
    entries: arrived,
    exits: 0,
    denied: 0,
    asked: 0,
    doubleEntries: 0,
    perMinute: 0,
    trend: 'steady' as const,
    lastAt: null,
  }
  return {
    event: { id: someEvent, name: 'Expo', timeZone: 'UTC', startsAt: null, endsAt: null, capacity: null },
    at,
    totals,
    denials: [],
    gates: [],
    hours: [],
    minutes: [],
  }
}

interface Message {
  readonly type: string
  readonly seq: number
  readonly totals?: { arrived: number }
  readonly overview?: Overview
  readonly scans?: readonly Scan[]
}

function aViewer() {
  const messages: Message[] = []
  const state = { buffered: 0, closed: undefined as number | undefined, stays: true }
  const viewer: Viewer = {
    send: (text) => void messages.push(JSON.parse(text) as Message),
    buffered: () => state.buffered,
    close: (code) => void (state.closed = code),
    mayStay: async () => state.stays,
  }
  return { viewer, messages, state }
}

async function aHub() {
  const clock = createVirtualClock(Date.UTC(2026, 10, 20))
  const world = { arrived: 0, reads: 0, revision: '0', event: someEvent as EventId, broken: false }
  const source = {
    revision: async () => world.revision,
    picture: async () => {
      world.reads += 1
      if (world.broken) throw new Error('database away')
      return { overview: anOverview(world.arrived, clock.now()), scans: [] }
    },
  }
  const hub = createLiveHub({ source, clock, logger: silentLogger, metrics: createMetrics() })
  const ending = new AbortController()
  void hub.run(ending.signal)
  return { hub, clock, world, end: () => ending.abort() }
}

test('a viewer gets a snapshot first and then only changes, numbered without gaps', async () => {
  const { hub, clock, world, end } = await aHub()
  const { viewer, messages } = aViewer()
  hub.watch(org, someEvent, viewer)
  await clock.advance(300)
  expect(messages.map(({ type }) => type)).toEqual(['snapshot'])
  for (const arrived of [1, 2]) {
    world.arrived = arrived
    hub.wake(someEvent)
    await clock.advance(300)
  }
  expect(messages.slice(1)).toMatchObject([
    { type: 'stats.updated', seq: 1, totals: { arrived: 1 } },
    { type: 'stats.updated', seq: 2, totals: { arrived: 2 } },
  ])
  end()
})

test('however often it is woken, nobody hears more than four times a second', async () => {
  const { hub, clock, world, end } = await aHub()
  const { viewer, messages } = aViewer()
  hub.watch(org, someEvent, viewer)
  for (let ms = 0; ms < 3_000; ms += 10) {
    world.arrived += 1
    hub.wake(someEvent)
    await clock.advance(10)
  }
  expect(messages.length).toBeGreaterThan(8)
  expect(messages.length).toBeLessThanOrEqual(13)
  end()
})

test('what another process committed is seen by its revision', async () => {
  const { hub, clock, world, end } = await aHub()
  const { viewer, messages } = aViewer()
  hub.watch(org, someEvent, viewer)
  await clock.advance(1_500)
  world.arrived = 7
  world.revision = '1'
  await clock.advance(1_500)
  expect(messages.at(-1)).toMatchObject({ type: 'stats.updated', totals: { arrived: 7 } })
  end()
})

test('one reading serves all viewers of an event, and nobody watching means no reading', async () => {
  const { hub, clock, world, end } = await aHub()
  const viewers = [aViewer(), aViewer(), aViewer()]
  for (const { viewer } of viewers) hub.watch(org, someEvent, viewer)
  await clock.advance(300)
  expect(world.reads).toBe(1)
  for (const { viewer } of viewers) hub.leave(someEvent, viewer)
  await clock.advance(20_000)
  expect(world.reads).toBe(1)
  end()
})

test('a viewer that does not keep up is skipped and gets a snapshot when it has caught up', async () => {
  const { hub, clock, world, end } = await aHub()
  const slow = aViewer()
  const fast = aViewer()
  hub.watch(org, someEvent, slow.viewer)
  hub.watch(org, someEvent, fast.viewer)
  await clock.advance(300)
  slow.state.buffered = 2_000_000
  for (let n = 0; n < 5; n += 1) {
    world.arrived += 1
    hub.wake(someEvent)
    await clock.advance(300)
  }
  expect(slow.messages).toHaveLength(1)
  expect(fast.messages).toHaveLength(6)
  slow.state.buffered = 0
  await clock.advance(600)
  expect(slow.messages.at(-1)).toMatchObject({ type: 'snapshot', seq: 5, overview: { totals: { arrived: 5 } } })
  end()
})

test('a viewer that stays behind is let go', async () => {
  const { hub, clock, world, end } = await aHub()
  const { viewer, state } = aViewer()
  hub.watch(org, someEvent, viewer)
  await clock.advance(300)
  state.buffered = 2_000_000
  world.arrived = 1
  hub.wake(someEvent)
  await clock.advance(12_000)
  expect(state.closed).toBe(1013)
  end()
})

test('when the session ends the page is told', async () => {
  const { hub, clock, end } = await aHub()
  const { viewer, state } = aViewer()
  hub.watch(org, someEvent, viewer)
  await clock.advance(1_000)
  state.stays = false
  await clock.advance(16_000)
  expect(state.closed).toBe(4401)
  end()
})

test('a quiet event still ticks, and a database that is away for a while is only a pause', async () => {
  const { hub, clock, world, end } = await aHub()
  const { viewer, messages, state } = aViewer()
  hub.watch(org, someEvent, viewer)
  await clock.advance(31_000)
  expect(messages.filter(({ type }) => type === 'tick').length).toBeGreaterThan(0)
  world.broken = true
  await clock.advance(10_000)
  world.broken = false
  world.arrived = 3
  await clock.advance(10_000)
  expect(state.closed).toBeUndefined()
  expect(messages.findLast(({ type }) => type === 'stats.updated')).toMatchObject({ totals: { arrived: 3 } })
  end()
})

test('there is room for a bounded number of viewers', async () => {
  const { hub, end } = await aHub()
  const letIn = Array.from({ length: 2_001 }, () => hub.watch(org, someEvent, aViewer().viewer))
  expect(letIn.filter(Boolean)).toHaveLength(2_000)
  expect(letIn.at(-1)).toBe(false)
  end()
})

test('before a restart every viewer is sent away to come back', async () => {
  const { hub, clock, end } = await aHub()
  const { viewer, state } = aViewer()
  hub.watch(org, someEvent, viewer)
  await clock.advance(300)
  await hub.drain()
  expect(state.closed).toBe(1012)
  end()
})
