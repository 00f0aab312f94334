/**
 * What is held of an epoch, as ranges: the prefix 1..through and, beyond it, runs of live entries that came before the backlog did.
 * Ranges only grow and join; the prefix moves over a run as soon as it reaches it.
 */
import type { EpochState, Run } from './ports.ts'

export const runsAtMost = 64

export interface Range {
  readonly from: number
  readonly to: number
}

export function isHeld(state: Pick<EpochState, 'through' | 'runs'>, seq: number): boolean {
  return seq <= state.through || state.runs.some((run) => seq >= run.from && seq <= run.to)
}

/** Parts of from..to that are not held yet, in order. */
export function missing(state: Pick<EpochState, 'through' | 'runs'>, { from, to }: Range): readonly Range[] {
  const parts: Range[] = []
  let next = Math.max(from, state.through + 1)
  for (const run of state.runs) {
    if (run.to < next) continue
    if (run.from > to) break
    if (run.from > next) parts.push({ from: next, to: run.from - 1 })
    next = run.to + 1
  }
  if (next <= to) parts.push({ from: next, to })
  return parts
}

/** h(seq), where a held range ends or begins so that it is known. */
export function knownHash(state: Pick<EpochState, 'through' | 'head' | 'runs'>, seq: number): string | undefined {
  if (seq === state.through) return state.head
  return state.runs.find((run) => run.to === seq)?.head ?? state.runs.find((run) => run.from - 1 === seq)?.prev
}

export type Ranges = Pick<EpochState, 'through' | 'head' | 'runs'>

/** Adds a part that was missing; undefined when there would be too many runs. */
export function addPart(ranges: Ranges, part: Run): Ranges | undefined {
  const { through, head } = part.from === ranges.through + 1 ? { through: part.to, head: part.head } : ranges
  const isRun = part.from !== ranges.through + 1
  const joined = joinRuns(isRun ? [...ranges.runs, part] : ranges.runs)
  const next = advance({ through, head, runs: joined })
  return next.runs.length > runsAtMost ? undefined : next
}

function joinRuns(runs: readonly Run[]): readonly Run[] {
  const joined: Run[] = []
  for (const run of [...runs].sort((one, other) => one.from - other.from)) {
    const last = joined.at(-1)
    if (last && last.to + 1 === run.from) joined[joined.length - 1] = { ...last, to: run.to, head: run.head }
    else joined.push(run)
  }
  return joined
}

function advance(ranges: Ranges): Ranges {
  const [first, ...others] = ranges.runs
  if (!first || first.from > ranges.through + 1) return ranges
  return advance({ through: first.to, head: first.head, runs: others })
}

export function highestHeld({ through, runs }: Pick<EpochState, 'through' | 'runs'>): number {
  return runs.at(-1)?.to ?? through
}
