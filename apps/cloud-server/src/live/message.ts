/**
 * What a viewer is told: everything once, then only what changed. Messages of one event are numbered without gaps, so a viewer that
 * sees a hole knows that a snapshot is coming.
 */
import type { Denials, GateNumbers, Hour, Minute, Overview, Scan, Totals } from '../stats/overview-types.ts'

/** As many of the last scans as a page shows. */
export const LAST_SCANS = 50

export interface Picture {
  readonly overview: Overview
  readonly scans: readonly Scan[]
}

export interface Snapshot extends Picture {
  readonly type: 'snapshot'
  readonly seq: number
  readonly at: number
}

export interface StatsUpdated {
  readonly type: 'stats.updated'
  readonly seq: number
  readonly at: number
  readonly totals: Totals
  readonly denials: readonly Denials[]
  readonly gates: readonly GateNumbers[]
  readonly hours: readonly Hour[]
  readonly minutes: readonly Minute[]
  readonly scans: readonly Scan[]
}

export interface Tick {
  readonly type: 'tick'
  readonly seq: number
  readonly at: number
}

export function snapshotOf(picture: Picture, seq: number, at: number): Snapshot {
  return { type: 'snapshot', seq, at, ...picture }
}

/** What differs between two pictures; undefined when a viewer would see no difference. */
export function changeBetween(before: Picture, after: Picture, seq: number): StatsUpdated | undefined {
  const { totals, denials, at } = after.overview
  const known = new Set(before.scans.map((scan) => scan.id))
  const change = {
    gates: changed(before.overview.gates, after.overview.gates, (gate) => gate.id),
    hours: changed(before.overview.hours, after.overview.hours, (hour) => hour.at),
    minutes: changed(before.overview.minutes, after.overview.minutes, (minute) => minute.at),
    scans: after.scans.filter((scan) => !known.has(scan.id)),
  }
  const isSame = Object.values(change).every((list) => list.length === 0)
  if (isSame && isEqual(totals, before.overview.totals) && isEqual(denials, before.overview.denials)) return undefined
  return { type: 'stats.updated', seq, at, totals, denials, ...change }
}

function changed<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string | number): T[] {
  const known = new Map(before.map((item) => [keyOf(item), JSON.stringify(item)]))
  return after.filter((item) => known.get(keyOf(item)) !== JSON.stringify(item))
}

/** Both sides were built by the same code, so their members stand in the same order. */
function isEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
