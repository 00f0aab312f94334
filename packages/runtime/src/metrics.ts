/**
 * Counters, gauges and histograms of one program, in the text form that Prometheus reads. Each program has its own registry,
 * handed to the rooms that count; a name can be declared once only.
 */
import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'

type Labels = Readonly<Record<string, string>>

export interface CounterMetric {
  add(labels?: Labels, amount?: number): void
}
export interface GaugeMetric {
  set(value: number, labels?: Labels): void
}
export interface HistogramMetric {
  observe(value: number, labels?: Labels): void
}

export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): CounterMetric
  gauge(name: string, help: string, labels?: readonly string[]): GaugeMetric
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): HistogramMetric
  text(): Promise<string>
  readonly contentType: string
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const declare = (name: string, help: string, labels: readonly string[] = []) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    counter(name, help, labels) {
      const counter = new Counter(declare(name, help, labels))
      return { add: (values = {}, amount = 1) => counter.inc(values, amount) }
    },
    gauge(name, help, labels) {
      const gauge = new Gauge(declare(name, help, labels))
      return { set: (value, values = {}) => gauge.set(values, value) }
    },
    histogram(name, help, buckets, labels) {
      const histogram = new Histogram({ ...declare(name, help, labels), buckets: [...buckets] })
      return { observe: (value, values = {}) => histogram.observe(values, value) }
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
