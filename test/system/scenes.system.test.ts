/**
 * The scenes of a day, played by the same code as the demo venue plays them, against real processes; what each must leave behind
 * is read from the journals and from PostgreSQL.
 */
import { playScene } from '@gatehouse/cli/scenes/play.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, journalOf, openTestVenue, settled, type TestVenue } from './open-venue.ts'

let venue: TestVenue

beforeAll(async () => {
  venue = await openTestVenue({ people: 600, seed: 5 })
}, 120_000)
afterAll(() => venue?.close())

async function play(name: string, faster: number): Promise<string[]> {
  const from = venue.said.length
  const signal = new AbortController().signal
  const went = await playScene(name, {
    open: venue,
    crowd: venue.crowd,
    faster,
    signal,
    say: (text) => venue.said.push(text),
  })
  const said = venue.said.slice(from)
  expect(went, said.join('\n')).toBe(true)
  return said
}

interface Totals {
  readonly arrived: number
  readonly entries: number
  readonly doubleEntries: number
}

async function totals(): Promise<Totals> {
  const { client } = venue.cloud
  return (await client.get<{ totals: Totals }>(`/events/${venue.venue.event}/overview`)).totals
}

test('wrong-door: four people are turned away for four different reasons, all of them in the log', async () => {
  const before = journalOf(venue.gates[2]!).length
  await play('wrong-door', 60)
  const decisions = journalOf(venue.gates[2]!)
    .slice(before)
    .filter(({ line }) => line['kind'] === 'decision')
  expect(decisions.map(({ line }) => line['outcome'])).not.toContain('admit')
  expect(new Set(decisions.map(({ line }) => line['reason'])).size).toBe(4)
  for (const { line } of decisions) expect(line['rule']).toMatch(/^ADMIT-\d+$/)
})

test('revoked: the gate that was away admits once, is flagged for it, and never again after its acknowledgement', async () => {
  const before = journalOf(venue.gates[1]!).length
  await play('revoked', 60)
  await settled(venue)
  const outcomes = journalOf(venue.gates[1]!)
    .slice(before)
    .filter(({ line }) => line['kind'] === 'decision')
    .map(({ line }) => [line['outcome'], line['reason']])
  expect(outcomes).toEqual([
    ['admit', undefined],
    ['deny', 'cancelled'],
  ])
  const [flagged] = await venue.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM attendance.records WHERE gate = $1 AND 'revoked-before' = ANY(flags)`,
    [venue.gates[1]!.id],
  )
  expect(flagged?.n).toBe(1)
})

test('shared-ticket: both gates admit, and the cloud shows one double entry and one person', async () => {
  const before = await totals()
  await play('shared-ticket', 120)
  const after = await totals()
  expect(after.doubleEntries - before.doubleEntries).toBe(1)
  expect(after.arrived - before.arrived).toBe(1)
})

test('cut: forty minutes without a network change nothing at the gates, and everything arrives once', async () => {
  await play('cut', 150)
  await settled(venue)
  const admitted = venue.gates.flatMap((gate) =>
    journalOf(gate).filter(
      ({ line }) => line['kind'] === 'decision' && line['outcome'] === 'admit' && line['direction'] === 'entry',
    ),
  )
  const people = new Set(admitted.map(({ line }) => line['participant']))
  await eventually(
    'the dashboard counting every person once',
    5_000,
    async () => (await totals()).arrived === people.size,
  )
}, 180_000)
