/**
 * Liveness, readiness and metrics. Alive means that the loops turned lately; ready means that this process can serve now: database
 * reachable, schema as this program wants it, broker listening. Both name what is wrong.
 */
import type { Clock, Health, Metrics } from '@gatehouse/runtime'
import type { FastifyInstance } from 'fastify'

export interface ReadyCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail?: string
}

export interface Readiness {
  readonly health: Health
  /** Asked at each /readyz; answers within the bound below or counts as failed. */
  readonly ready: () => Promise<readonly ReadyCheck[]>
}

const ANSWER_WITHIN_MS = 2_000

export function registerHealth(
  app: FastifyInstance,
  deps: { readiness: Readiness; metrics: Metrics; clock: Clock },
): void {
  const { readiness, metrics, clock } = deps
  const open = { config: { permission: 'public' as const, rateLimit: false }, schema: { hide: true } }

  app.get('/livez', open, (_request, reply) => {
    const report = readiness.health.report()
    return reply
      .code(report.ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report)
  })
  app.get('/readyz', open, async (_request, reply) => {
    const checks = await within(readiness.ready(), clock)
    const ok = checks.every((check) => check.ok)
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ok, checks })
  })
  app.get('/metrics', open, async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
}

async function within(checks: Promise<readonly ReadyCheck[]>, clock: Clock): Promise<readonly ReadyCheck[]> {
  const ended = new AbortController()
  const late = clock
    .sleep(ANSWER_WITHIN_MS, ended.signal)
    .then(() => [{ name: 'readiness', ok: false, detail: 'no answer in time' }])
  const failed = checks.catch(() => [{ name: 'readiness', ok: false, detail: 'could not be asked' }])
  const first = await Promise.race([failed, late])
  ended.abort()
  return first
}
