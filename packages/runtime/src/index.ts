export { type Backoff, createBackoff, type Random } from './backoff.ts'
export { type BoundedQueue, createBoundedQueue } from './bounded-queue.ts'
export { type Clock, systemClock } from './clock.ts'
export {
  type Config,
  type ConfigSources,
  defineOptions,
  describeOptions,
  loadConfig,
  type Option,
  type Options,
} from './config.ts'
export { describe, exitCodes, Failure } from './failure.ts'
export { type CheckResult, createHealth, type Health, type NamedCheck } from './health.ts'
export { createLogger, type Logger, type LogLevel, silentLogger } from './logger.ts'
export { type CounterMetric, createMetrics, type GaugeMetric, type HistogramMetric, type Metrics } from './metrics.ts'
export { runServices, type Service, type ServicePlan } from './service.ts'
export { shutdownSignal } from './shutdown.ts'
export { untilAborted } from './until-aborted.ts'
