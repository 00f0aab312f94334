/**
 * What is counted and watched in a gate, for its page, for monitoring and for the cloud. Nothing here is asked before a
 * decision; all of it may be wrong without anybody waiting at a door.
 */
import { type Clock, createHealth, createMetrics, type Health, type Metrics } from '@gatehouse/runtime'
import { createDecisionTimes, type DecisionTimes } from './health/decision-times.ts'
import { createGateMetrics } from './health/gate-metrics.ts'
import type { AnswerView } from './kiosk-api/wire.ts'

export interface Instruments {
  readonly health: Health
  readonly metrics: Metrics
  readonly times: DecisionTimes
  readonly counted: ReturnType<typeof createGateMetrics>
  /** An answer was given; microseconds from reading to durable entry and door. */
  decided(answer: AnswerView, tookUs: number): void
}

export function createInstruments(clock: Clock): Instruments {
  const metrics = createMetrics()
  const times = createDecisionTimes()
  const counted = createGateMetrics(metrics)
  return {
    health: createHealth(clock),
    metrics,
    times,
    counted,
    decided(answer, tookUs) {
      times.add(answer.decision.outcome, tookUs)
      counted.decided(answer, tookUs)
    },
  }
}
