/**
 * The one list of what needs a person, worst first: what costs most to leave waiting stands on top. It is derived from the same
 * numbers that the page shows, so the list and the tables can never disagree.
 */
import type { GateNumbers, Overview } from './cloud-api.ts'

export type Need =
  | { readonly kind: 'list-differs'; readonly gate: string }
  | { readonly kind: 'overloaded'; readonly gate: string; readonly load: number; readonly waitSec: number }
  | { readonly kind: 'double-entries'; readonly count: number }
  | {
      readonly kind: 'away'
      readonly gate: string
      readonly since: number | null
      readonly unsent: number
      readonly behind: number
    }
  | { readonly kind: 'parked'; readonly gate: string; readonly count: number }
  | { readonly kind: 'behind'; readonly gate: string; readonly changes: number; readonly since: number | null }
  | { readonly kind: 'problem'; readonly gate: string; readonly check: string; readonly detail: string }

const cost: Record<Need['kind'], number> = {
  'list-differs': 6,
  overloaded: 5,
  'double-entries': 4,
  away: 3,
  parked: 2,
  behind: 1,
  problem: 0,
}

/** Above this a queue grows faster than it is served (R-B6). */
export const fullLoad = 0.8
/** A gate that is a moment behind is being told right now; after this it is worth a line in the list. */
const lagMs = 10_000
/** Every scan is unsent and every change unknown for a moment; what is younger than this would only flicker. */
const momentMs = 5_000

function isWorthTelling({ state }: GateNumbers, since: number | null | undefined, at: number): boolean {
  return state === 'away' || (typeof since === 'number' && at - since > momentMs)
}

/** Roster changes that this gate has not confirmed for a while; 0 when it is up to date or has never said. */
export function changesBehind(gate: GateNumbers, at: number): number {
  const { rosterCursor, rosterHead } = gate
  if (rosterCursor === null || !isWorthTelling(gate, gate.rosterBehindSince, at)) return 0
  return Math.max(0, rosterHead - rosterCursor)
}

/** Entries that this gate has made and could not hand over for a while. */
export function unsentOf(gate: GateNumbers, at: number): number {
  return isWorthTelling(gate, gate.oldestUnsentAt, at) ? (gate.unsent ?? 0) : 0
}

function needsOf(gate: GateNumbers, at: number): Need[] {
  const needs: Need[] = []
  const { name } = gate
  const changes = changesBehind(gate, at)
  const behindSince = gate.rosterBehindSince ?? null
  if (gate.rosterOk === false) needs.push({ kind: 'list-differs', gate: name })
  if (gate.load > fullLoad) needs.push({ kind: 'overloaded', gate: name, load: gate.load, waitSec: gate.waitSec })
  if (gate.state === 'away') {
    needs.push({ kind: 'away', gate: name, since: gate.since, unsent: gate.unsent ?? 0, behind: changes })
  }
  if (gate.parked) needs.push({ kind: 'parked', gate: name, count: gate.parked })
  if (gate.state === 'online' && changes > 0 && behindSince !== null && at - behindSince > lagMs) {
    needs.push({ kind: 'behind', gate: name, changes, since: behindSince })
  }
  if (gate.state !== 'online') return needs
  return [
    ...needs,
    ...gate.problems.map((check) => ({
      kind: 'problem' as const,
      gate: name,
      check: check.name,
      detail: check.detail ?? '',
    })),
  ]
}

export function needsYou({ gates, totals, at }: Overview): readonly Need[] {
  const needs = gates.filter(({ state }) => state !== 'revoked').flatMap((gate) => needsOf(gate, at))
  if (totals.doubleEntries > 0) needs.push({ kind: 'double-entries', count: totals.doubleEntries })
  return needs.sort((a, b) => cost[b.kind] - cost[a.kind])
}

/** What is certainly missing from the counts: entries that gates made and could not hand over yet. */
export function notYetCounted({ gates, at }: Overview): { readonly count: number; readonly gates: readonly string[] } {
  const waiting = gates.filter((gate) => gate.state === 'away' || unsentOf(gate, at) > 0)
  return {
    count: waiting.reduce((sum, gate) => sum + unsentOf(gate, at), 0),
    gates: waiting.map(({ name }) => name),
  }
}
