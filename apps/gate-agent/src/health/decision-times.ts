/**
 * How many decisions this gate made and how long they took, for status and metrics: totals since start, and the 99th
 * percentile of the last thousand.
 */
export interface DecisionTimes {
  add(outcome: 'admit' | 'deny' | 'ask', tookUs: number): void
  totals(): { readonly total: number; readonly admit: number; readonly deny: number; readonly ask: number }
  /** Microseconds; 0 before the first decision. */
  p99Us(): number
}

const KEPT = 1_000

export function createDecisionTimes(): DecisionTimes {
  const totals = { total: 0, admit: 0, deny: 0, ask: 0 }
  const last: number[] = []
  return {
    add(outcome, tookUs) {
      last[totals.total % KEPT] = tookUs
      totals.total += 1
      totals[outcome] += 1
    },
    totals: () => ({ ...totals }),
    p99Us: () => last.toSorted((a, b) => a - b)[Math.floor(last.length * 0.99)] ?? 0,
  }
}
