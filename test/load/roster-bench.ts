/**
 * How fast knowledge reaches the gates: a gate that knows nothing gets the whole roster, and one change of an organizer arrives at all
 * gates of the event. Everything is real: cloud process, PostgreSQL, broker with TLS, gate process, stores on disk, API. The raw
 * limit of the first fill is the same pages put into the same store from memory.
 */
import { type BenchResult, countOption, quantile, rounded } from './bench.ts'
import { brokerRoundTrips, type Changed, changeAndWatch } from './roster-changes.ts'
import { fillGate, fillRaw } from './roster-fill.ts'
import { type Stage, say, setStage } from './roster-venue.ts'

export const about =
  'first fill of a gate, and one change to all gates (--people, --gates, --changes, --quick, --profile <folder>)'

/** What the goals are about; a smaller run never meets them. */
const GOAL_SIZE = { people: 200_000, gates: 50 }
const GOAL_FILL_SEC = 10
const GOAL_CHANGE_P95_MS = 300
/** How often the publisher takes its turn; a change waits half of it in the middle. */
const PUBLISHER_EVERY_MS = 200
const ROUND_TRIPS = 300

export async function run(args: readonly string[]): Promise<BenchResult> {
  const isQuick = args.includes('--quick')
  const people = countOption(args, 'people', isQuick ? 10_000 : 200_000)
  const gates = countOption(args, 'gates', isQuick ? 10 : 50)
  const changes = countOption(args, 'changes', isQuick ? 10 : 40)
  const stage = await setStage({ people, gates, profile: textOption(args, 'profile') })
  try {
    return await measure(stage, { people, gates, changes })
  } finally {
    await stage.close()
  }
}

interface Size {
  readonly people: number
  readonly gates: number
  readonly changes: number
}

async function measure(stage: Stage, size: Size): Promise<BenchResult> {
  const { people, gates, changes } = size
  say(`imported in ${stage.importSec} s, numbered ${stage.numberingSec} s after that; a new gate starts`)
  const filled = await fillGate(stage)
  const raw = await fillRaw(stage)
  say(`first fill ${rounded(filled.tookMs / 1000, 2)} s, from memory ${rounded(raw.tookMs / 1000, 2)} s`)
  const roundTrips = await brokerRoundTrips(stage, ROUND_TRIPS)
  say(`${changes} changes at ${gates} gates`)
  const changed = await changeAndWatch(stage, filled.folder, changes, people)
  const fillSec = rounded(filled.tookMs / 1000, 2)
  const rawSec = rounded(raw.tookMs / 1000, 2)
  const change = spread(changed.appliedMs)
  const isFull = people >= GOAL_SIZE.people && gates >= GOAL_SIZE.gates
  return {
    bench: 'roster',
    unit: 's',
    figure: fillSec,
    rawLimit: rawSec,
    ratio: rounded(fillSec / rawSec, 2),
    goal: `first fill of ${GOAL_SIZE.people} participants <= ${GOAL_FILL_SEC} s; one change at ${GOAL_SIZE.gates} gates p95 <= ${GOAL_CHANGE_P95_MS} ms`,
    met: isFull && fillSec <= GOAL_FILL_SEC && change.p95 <= GOAL_CHANGE_P95_MS && changed.hasEqualRoots,
    ...size,
    pages: raw.pages,
    rowsPerSec: Math.round(people / fillSec),
    importSec: stage.importSec,
    numberingSec: stage.numberingSec,
    ...changeDetails(changed, change),
    publisherEveryMs: PUBLISHER_EVERY_MS,
    brokerRoundTripMs: spread(roundTrips),
  }
}

function changeDetails(changed: Changed, change: object) {
  return {
    changeMs: change,
    changeAnsweredMs: spread(changed.answeredMs),
    changeEverywhereMs: spread(changed.everywhereMs),
    hasEqualRoots: changed.hasEqualRoots,
  }
}

const spread = (ms: readonly number[]) => ({
  p50: rounded(quantile(ms, 0.5)),
  p95: rounded(quantile(ms, 0.95)),
  p99: rounded(quantile(ms, 0.99)),
  max: rounded(Math.max(...ms)),
})

function textOption(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? undefined : args[at + 1]
}
