/**
 * The rush of a morning against real processes: everybody who was let in is counted once, the gates that get too many are named
 * while it lasts, and the numbers on the dashboard move with the doors.
 */
import { playScene } from '@gatehouse/cli/scenes/play.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, journalOf, openTestVenue, settled, type TestVenue } from './open-venue.ts'

const FASTER = 120

interface Overview {
  readonly totals: { readonly arrived: number; readonly entries: number; readonly denied: number }
  readonly gates: readonly {
    readonly name: string
    readonly total: number
    readonly load: number
    readonly waitSec: number
  }[]
}

let venue: TestVenue

beforeAll(async () => {
  venue = await openTestVenue({ people: 400, seed: 21 })
  // A rush of a few hundred people has to be too much for somebody.
  for (const { id } of venue.gates) await venue.cloud.client.patch(`/gates/${id}`, { capacityPerMinute: 20 })
}, 120_000)
afterAll(() => venue?.close())

function overview(): Promise<Overview> {
  return venue.cloud.client.get<Overview>(`/events/${venue.venue.event}/overview`)
}

/** What the gates themselves wrote down, by outcome; the venue's truth. */
function decided(outcome: string): Record<string, unknown>[] {
  return venue.gates
    .flatMap((gate) => journalOf(gate))
    .map(({ line }) => line)
    .filter((line) => line['kind'] === 'decision' && line['outcome'] === outcome)
}

test('rush: all who came in are counted once, and overloaded gates are named while it lasts', async () => {
  const seen: Overview[] = []
  const ending = new AbortController()
  const { signal } = ending
  const say = (text: string) => venue.said.push(text)
  const scene = playScene('rush', { open: venue, crowd: venue.crowd, faster: FASTER, signal, say })
  const watching = watch(seen, signal)
  expect(await scene, venue.said.join('\n')).toBe(true)
  ending.abort()
  await watching
  await settled(venue)

  const entries = decided('admit').filter((line) => line['direction'] === 'entry')
  const people = new Set(entries.map((line) => line['participant']))
  expect(people.size).toBeGreaterThan(250)
  await eventually('the dashboard showing what the gates wrote', 5_000, async () => {
    const { totals, gates } = await overview()
    const byGate = gates.reduce((sum, gate) => sum + gate.total, 0)
    return totals.arrived === people.size && totals.entries === entries.length && byGate === entries.length
  })
  expect((await overview()).totals.denied).toBe(decided('deny').length)
  expect(new Set(seen.map(({ totals }) => totals.arrived)).size).toBeGreaterThan(5)
  expect(seen.some(({ gates }) => gates.some(({ load, waitSec }) => load > 0.8 && waitSec > 0))).toBe(true)
})

/** Looks at the numbers as a dashboard does, until told to end. */
async function watch(seen: Overview[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    seen.push(await overview())
    await new Promise((done) => setTimeout(done, 500))
  }
}
