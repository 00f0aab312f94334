import { tmpdir } from 'node:os'
import { type OnlineStatus, parseStatus } from '@gatehouse/protocol'
import { systemClock } from '@gatehouse/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDecisionTimes } from './decision-times.ts'
import { createStatusReport, offlineStatus, type StatusNeeds } from './status.ts'

const published: OnlineStatus[] = []
const waits: number[] = []
let ending = new AbortController()
let ended: Promise<void> = Promise.resolve()

const needs: StatusNeeds = {
  software: 'gatehouse-agent/0.1.0',
  folder: tmpdir(),
  clock: {
    ...systemClock,
    sleep(ms, signal) {
      waits.push(ms)
      return systemClock.sleep(ms === 30_000 ? ms : 1, signal)
    },
  },
  now: () => 1_000,
  unsent: () => ({ count: 3, bytes: 900, oldestAt: 500 }),
  feeds: () => [
    {
      event: '01990000-0000-7000-8000-00000000e001' as never,
      feed: 'roster',
      cursor: 4,
      root: 'ab'.repeat(32),
      rows: 2,
    },
  ],
  clockState: () => ({ trust: 'synced', offsetMs: -3, errorMs: 8 }),
  checks: () => [{ name: 'door', ok: false, detail: 'the door does not answer', sinceMs: Date.now() - 5_000 }],
  decisions: () => ({ total: 4, admit: 3, deny: 1, p99Us: 900 }),
  publish(status) {
    published.push(status)
    return true
  },
}

beforeEach(() => {
  published.length = 0
  waits.length = 0
  ending = new AbortController()
})
afterEach(async () => {
  ending.abort()
  await ended
})

test('a status is what the protocol calls one, and a check says for how long it has been so', async () => {
  ended = createStatusReport(needs).run(ending.signal)
  await vi.waitFor(() => expect(published).toHaveLength(1))
  const [status] = published
  expect(parseStatus(JSON.stringify(status))).toMatchObject({
    ok: true,
    value: { state: 'online', journal: { unsent: 3 } },
  })
  expect(status?.checks[0]?.sinceMs).toBeGreaterThanOrEqual(5_000)
  expect(status?.checks[0]?.sinceMs).toBeLessThan(60_000)
})

test('it goes out every 30 s, and soon after a change', async () => {
  const report = createStatusReport(needs)
  ended = report.run(ending.signal)
  await vi.waitFor(() => expect(waits).toContain(30_000))
  report.changed()
  await vi.waitFor(() => expect(published).toHaveLength(2))
})

test('the last will says offline, since the time of connecting', () => {
  expect(parseStatus(JSON.stringify(offlineStatus(77)))).toEqual({
    ok: true,
    value: { v: 1, state: 'offline', at: 77 },
  })
})

test('decisions are counted by outcome, and the slow ones show in the percentile', () => {
  const times = createDecisionTimes()
  expect(times.p99Us()).toBe(0)
  for (let n = 0; n < 1_990; n += 1) times.add('admit', 100)
  for (let n = 0; n < 15; n += 1) times.add('deny', 9_000)
  expect(times.totals()).toEqual({ total: 2_005, admit: 1_990, deny: 15, ask: 0 })
  expect(times.p99Us()).toBe(9_000)
})
