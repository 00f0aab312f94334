/**
 * What happens in one run, drawn from its seed: how many gates and cloud processes, how bad the net is, which disasters come. Seeds
 * differ widely, so that some are calm enough to see a single fault's work and some have everything at once.
 */
import type { SeededRandom } from '@gatehouse/testkit'

export interface Plan {
  readonly gates: number
  readonly clouds: number
  readonly people: number
  /** Minutes of trouble before everything heals. */
  readonly troubleMs: number
  /** Mean time between presentations at one gate. */
  readonly visitEveryMs: number
  readonly editEveryMs: number
  readonly net: {
    readonly delayMs: number
    readonly jitterMs: number
    readonly loss: number
    readonly duplicate: number
    /** Mean time between cuts of one gate's link; 0: never. */
    readonly cutEveryMs: number
    readonly cutForMs: number
  }
  readonly database: { readonly latencyMs: number; readonly outageEveryMs: number }
  readonly gateCrashEveryMs: number
  readonly cloudCrashEveryMs: number
  readonly crashesInAppend: boolean
  readonly restores: boolean
  readonly clones: boolean
  readonly rot: boolean
  readonly poison: boolean
  readonly unreadable: boolean
  readonly skewMs: number
  readonly clockJumps: boolean
  readonly startsOffline: boolean
  readonly numberLines: number
  readonly queueEntries: number
  /** Of the lines in one feed page. */
  readonly pageBytes: number
  readonly horizonMoves: boolean
  readonly realSignatures: boolean
}

export function drawPlan(random: SeededRandom): Plan {
  const maybe = (probability: number, value: number) => (random.chance(probability) ? value : 0)
  return {
    gates: 2 + random.int(3),
    clouds: random.chance(0.3) ? 2 : 1,
    people: 12 + random.int(25),
    troubleMs: 60_000 + random.int(120_000),
    visitEveryMs: 1_000 + random.int(4_000),
    editEveryMs: 500 + random.int(6_000),
    net: {
      delayMs: 5 + random.int(80),
      jitterMs: random.pick([5, 50, 400, 2_000]),
      loss: random.pick([0, 0, 0.02, 0.2]),
      duplicate: random.pick([0, 0.02, 0.2]),
      cutEveryMs: maybe(0.7, 8_000 + random.int(40_000)),
      cutForMs: random.pick([500, 5_000, 40_000]),
    },
    database: { latencyMs: random.pick([1, 10, 100]), outageEveryMs: maybe(0.3, 20_000 + random.int(60_000)) },
    gateCrashEveryMs: maybe(0.6, 15_000 + random.int(60_000)),
    cloudCrashEveryMs: maybe(0.6, 10_000 + random.int(60_000)),
    crashesInAppend: random.chance(0.3),
    restores: random.chance(0.35),
    clones: random.chance(0.15),
    rot: random.chance(0.2),
    poison: random.chance(0.1),
    unreadable: random.chance(0.2),
    skewMs: random.pick([0, 0, 50, 3_000, 3_600_000]),
    clockJumps: random.chance(0.2),
    startsOffline: random.chance(0.2),
    numberLines: random.pick([500, 500, 3]),
    queueEntries: random.pick([20_000, 20_000, 60]),
    pageBytes: random.pick([200_000, 200_000, 1_500]),
    horizonMoves: random.chance(0.3),
    realSignatures: random.chance(0.04),
  }
}
