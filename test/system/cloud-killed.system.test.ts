/**
 * The cloud is killed with -9 for half a minute while people go on coming in. No gate may wait for it, and afterwards every
 * journal line has to be in PostgreSQL exactly once and every roster root has to be the cloud's.
 */
import { scanText } from '@gatehouse/cli/venue/gate-client.ts'
import { systemClock } from '@gatehouse/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, journalOf, openTestVenue, settled, states, type TestVenue } from './open-venue.ts'

const AWAY_MS = 30_000
/** "No decision waits": an answer that had to wait for the network would take its time-out, which is many seconds. */
const ANSWER_WITHIN_MS = 1_500

let venue: TestVenue

beforeAll(async () => {
  venue = await openTestVenue({ people: 400, seed: 11 })
}, 120_000)
afterAll(() => venue?.close())

test('while the cloud is dead every gate goes on answering, and afterwards each fact is there once', async () => {
  const ending = new AbortController()
  const crowd = venue.crowd.rush({ people: 250, minutes: 30, faster: 40 }, ending.signal)
  await systemClock.sleep(900)
  venue.cloud.child.kill('SIGKILL')
  await venue.cloud.child.exited

  const slowest = await keepScanning(AWAY_MS)
  expect(slowest).toBeLessThan(ANSWER_WITHIN_MS)
  const unsent = (await states(venue)).map((state) => state.unsent)
  expect(Math.max(...unsent)).toBeGreaterThan(0)

  await venue.restartCloud()
  await crowd
  await settled(venue)
  for (const gate of venue.gates) await expectEachOnce(gate)
  await expectEqualRoots()
  ending.abort()
}, 170_000)

/** Shows tickets by hand at all gates for so long; resolves with the longest wait for an answer, ms. */
async function keepScanning(forMs: number): Promise<number> {
  const spare = venue.venue.people.slice(-100)
  const until = Date.now() + forMs
  let slowest = 0
  for (let turn = 0; Date.now() < until; turn += 1) {
    const gate = venue.gates[turn % venue.gates.length]
    const person = spare[turn % spare.length]
    if (!gate || !person) throw new Error('the venue is empty')
    const began = performance.now()
    const answer = await scanText(gate.http, person.ticket)
    slowest = Math.max(slowest, performance.now() - began)
    expect(['admit', 'deny', 'ask']).toContain(answer.decision.outcome)
    await systemClock.sleep(150)
  }
  return slowest
}

async function expectEachOnce(gate: TestVenue['gates'][number]): Promise<void> {
  const places = journalOf(gate).map(({ epoch, seq }) => `${epoch}/${seq}`)
  const rows = await venue.query<{ place: string }>(
    `SELECT epoch || '/' || seq AS place FROM attendance.records WHERE gate = $1 AND NOT by_request
     UNION ALL
     SELECT ep.epoch || '/' || l.seq FROM attendance.gate_log l
       JOIN attendance.epochs ep ON ep.ref = l.epoch_ref JOIN gates.gates g ON g.ref = l.gate_ref WHERE g.id = $1`,
    [gate.id],
  )
  expect(places.length).toBeGreaterThan(10)
  expect(rows.map((row) => row.place).toSorted()).toEqual(places.toSorted())
}

async function expectEqualRoots(): Promise<void> {
  await eventually('every gate at the head of the roster', 20_000, async () => {
    const [head] = await venue.query<{ head: string; root: string }>(
      `SELECT head::text, root FROM roster.heads WHERE event = $1 AND feed = 'roster'`,
      [venue.venue.event],
    )
    const rosters = (await states(venue)).map(({ roster }) => roster)
    return rosters.every(({ cursor, root }) => String(cursor) === head?.head && root === head?.root)
  })
}
