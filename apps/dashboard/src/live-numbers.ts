/**
 * The numbers of one event as the page holds them, and how a live message changes them. Pure: the same messages give the same page.
 * After a hole in `seq` nothing is believed until the next snapshot, since a number that missed a change would look live and be wrong.
 */
import type { GateNumbers, LiveMessage, Minute, Overview, Scan } from './cloud-api.ts'

const keptScans = 50
const keptMinutes = 180

export interface LiveNumbers {
  readonly overview: Overview
  readonly scans: readonly Scan[]
  readonly seq: number
  /** The cloud's time of the last message: what the screen is "as of" when the connection is lost. */
  readonly at: number
  readonly isWaitingForSnapshot: boolean
}

function mergeGates(held: readonly GateNumbers[], changed: readonly GateNumbers[]): readonly GateNumbers[] {
  const byId = new Map(held.map((gate) => [gate.id, gate]))
  for (const gate of changed) byId.set(gate.id, gate)
  return [...byId.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
}

function mergeMinutes(held: readonly Minute[], changed: readonly Minute[]): readonly Minute[] {
  const byAt = new Map(held.map((minute) => [minute.at, minute]))
  for (const minute of changed) byAt.set(minute.at, minute)
  return [...byAt.values()].sort((a, b) => a.at - b.at).slice(-keptMinutes)
}

function mergeScans(held: readonly Scan[], fresh: readonly Scan[]): readonly Scan[] {
  const known = new Set(fresh.map(({ id }) => id))
  return [...fresh, ...held.filter(({ id }) => !known.has(id))].slice(0, keptScans)
}

export function hearLive(held: LiveNumbers | undefined, message: LiveMessage): LiveNumbers | undefined {
  if (message.type === 'snapshot') {
    const { overview, scans, seq, at } = message
    return { overview, scans: scans.slice(0, keptScans), seq, at, isWaitingForSnapshot: false }
  }
  if (!held || held.isWaitingForSnapshot) return held
  if (message.type === 'tick') {
    return message.seq === held.seq ? { ...held, at: message.at } : { ...held, isWaitingForSnapshot: true }
  }
  if (message.type !== 'stats.updated') return held
  if (message.seq !== held.seq + 1) return { ...held, isWaitingForSnapshot: true }
  const { totals, gates = [], minutes = [], scans = [], seq, at } = message
  const overview = {
    ...held.overview,
    at,
    totals: totals ?? held.overview.totals,
    gates: mergeGates(held.overview.gates, gates),
    minutes: mergeMinutes(held.overview.minutes, minutes),
  }
  return { overview, scans: mergeScans(held.scans, scans), seq, at, isWaitingForSnapshot: false }
}
