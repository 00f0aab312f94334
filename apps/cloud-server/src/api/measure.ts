/**
 * Measures every answer for R-E1 and logs the slow ones. The endpoint label is the route as declared, never the path that was
 * asked for, so that nobody can blow up the number of series.
 */
import type { Logger, Metrics } from '@gatehouse/runtime'
import type { FastifyInstance } from 'fastify'

const BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 200, 500, 1000, 2500, 5000, 10_000]
const SLOW_MS = 1000
const LABELS = ['method', 'endpoint', 'status_code']

export function measureRequests(app: FastifyInstance, { logger, metrics }: { logger: Logger; metrics: Metrics }): void {
  const duration = metrics.histogram('http_request_duration_ms', 'Time from request to answer, ms', BUCKETS_MS, LABELS)
  const total = metrics.counter('http_requests_total', 'Answered requests', LABELS)
  const open = metrics.gauge('http_requests_open', 'Requests being worked on')
  let now = 0

  app.addHook('onRequest', async () => {
    now += 1
    open.set(now)
  })
  app.addHook('onResponse', async (request, reply) => {
    now -= 1
    open.set(now)
    const endpoint = request.routeOptions.url ?? 'unknown'
    const labels = { method: request.method, endpoint, status_code: String(reply.statusCode) }
    duration.observe(reply.elapsedTime, labels)
    total.add(labels)
    if (reply.elapsedTime > SLOW_MS) logger.warn({ ...labels, tookMs: Math.round(reply.elapsedTime) }, 'slow request')
  })
}
