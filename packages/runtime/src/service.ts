/**
 * How our programs live. A service runs until it is told to end; one that fails is started again with backoff, and when the
 * program ends every service is first drained (finish what is in hand, take nothing new) and then stopped, in reverse order,
 * each step tried whatever happened to the others, all within a promised time.
 */
import { createBackoff, type Random } from './backoff.ts'
import type { Clock } from './clock.ts'
import { describe } from './failure.ts'
import type { Logger } from './logger.ts'
import { untilAborted } from './until-aborted.ts'

export interface Service {
  readonly name: string
  /** Resolves when it has ended because the signal was aborted; rejects to be started again. */
  run(signal: AbortSignal): Promise<void>
  drain?(): Promise<void>
  stop?(): Promise<void>
}

export interface ServicePlan {
  readonly services: readonly Service[]
  readonly logger: Logger
  readonly clock: Clock
  readonly random: Random
  readonly stopWithinMs: number
}

const RESTART = { firstMs: 200, maxMs: 30_000 }
/** A service that turned this long is counted as well again. */
const STEADY_MS = 60_000

async function keepRunning(service: Service, plan: ServicePlan, signal: AbortSignal): Promise<void> {
  const backoff = createBackoff({ ...RESTART, random: plan.random })
  while (!signal.aborted) {
    const beganMs = plan.clock.monoMs()
    try {
      await service.run(signal)
      if (signal.aborted) return
      plan.logger.warn({ service: service.name }, 'service ended by itself; starting it again')
    } catch (error) {
      if (signal.aborted) return
      plan.logger.error({ service: service.name, problem: describe(error) }, 'service failed; starting it again')
    }
    if (plan.clock.monoMs() - beganMs > STEADY_MS) backoff.reset()
    await plan.clock.sleep(backoff.nextMs(), signal)
  }
}

async function endAll(step: 'drain' | 'stop', plan: ServicePlan): Promise<void> {
  for (const service of plan.services.toReversed()) {
    try {
      await service[step]?.()
    } catch (error) {
      plan.logger.error({ service: service.name, problem: describe(error) }, `service could not ${step}`)
    }
  }
}

/** Runs all services until the signal is aborted; resolves when they have ended or when `stopWithinMs` is over. */
export async function runServices(plan: ServicePlan, signal: AbortSignal): Promise<void> {
  const ending = new AbortController()
  const running = Promise.all(plan.services.map((service) => keepRunning(service, plan, ending.signal)))
  await untilAborted(signal)
  const deadline = new AbortController()
  const finished = endAll('drain', plan)
    .then(() => {
      ending.abort()
      return endAll('stop', plan)
    })
    .then(() => running)
    .then(() => true)
  const inTime = await Promise.race([finished, plan.clock.sleep(plan.stopWithinMs, deadline.signal).then(() => false)])
  deadline.abort()
  ending.abort()
  if (!inTime) plan.logger.error({ stopWithinMs: plan.stopWithinMs }, 'services did not end in time')
}
