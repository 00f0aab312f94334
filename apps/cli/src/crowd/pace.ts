/**
 * When people come: one after the other by chance on a calm day, or as a bell over the minutes in which the doors open. Pure: the
 * times are made beforehand, nobody waits here.
 */
import { between } from './people.ts'

/** The time to the next person in ms, at so many per minute on average; never closer than a person can walk. */
export function calmGapMs(random: () => number, perMinute: number): number {
  return Math.max(400, (-Math.log(1 - random()) * 60_000) / perMinute)
}

/** Ascending offsets in ms from the start, most of them in the middle of the span. */
export function bellOffsetsMs(random: () => number, people: number, spanMs: number): number[] {
  // The mean of four even draws is near enough to a normal distribution and never leaves the span.
  const draw = () => (random() + random() + random() + random()) / 4
  return Array.from({ length: people }, () => draw() * spanMs).sort((one, other) => one - other)
}

/** How long somebody waits before trying the same ticket again: longer than a gate takes for the same reading. */
export const secondTryMs = (random: () => number): number => between(random, 15_000, 40_000)
