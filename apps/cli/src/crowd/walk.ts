/**
 * What a radio at the gate hears of somebody's badge: strength by distance as they walk up, stand, and go on, with the fades and
 * gaps of a room full of people. Bystanders are heard too, from further away, and never come near.
 */
import { between } from './people.ts'

export interface Heard {
  /** Since the walk began. */
  readonly afterMs: number
  /** Whole dBm. */
  readonly rssi: number
}

const AT_ONE_METRE_DBM = -59
const APPROACH = { from: 7, ms: 2_200 } as const
const STAND = { ms: 2_400 } as const
const LEAVE = { to: 6, ms: 1_600 } as const
const TOTAL_MS = APPROACH.ms + STAND.ms + LEAVE.ms
/** The share of packets that a scanner misses because it listens on another channel. */
const MISSED = 0.25
const DEEP_FADE = 0.1

/** Strength at a distance in metres: free space, people in between, and now and then a deep fade. */
export function strengthAt(random: () => number, metres: number): number {
  const spread = (random() + random() + random() - 1.5) * 6
  const fade = random() < DEEP_FADE ? between(random, 4, 12) : 0
  return Math.round(Math.max(-110, AT_ONE_METRE_DBM - 20 * Math.log10(metres) + spread - fade))
}

function distanceAt(ms: number, closest: number): number {
  if (ms < APPROACH.ms) return APPROACH.from + (closest - APPROACH.from) * (ms / APPROACH.ms)
  const stood = ms - APPROACH.ms - STAND.ms
  return stood < 0 ? closest : closest + (LEAVE.to - closest) * (stood / LEAVE.ms)
}

/** One walk through a gate, about six seconds and forty advertisements. */
export function walkThrough(random: () => number): Heard[] {
  const closest = between(random, 0.4, 0.8)
  const heard: Heard[] = []
  for (let afterMs = between(random, 0, 120); afterMs < TOTAL_MS; afterMs += between(random, 100, 130)) {
    if (random() >= MISSED) heard.push({ afterMs, rssi: strengthAt(random, distanceAt(afterMs, closest)) })
  }
  return heard
}

/** Somebody in the foyer. */
export const strengthOfBystander = (random: () => number): number => strengthAt(random, between(random, 6, 14))
