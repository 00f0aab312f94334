/**
 * The HTTP side of a gate, on this machine only unless the operator says otherwise: the staff page, the local API behind it,
 * the live stream, and what monitoring asks. It holds no state of its own; whatever it is asked it asks the lane.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { Health, Logger, Metrics } from '@gatehouse/runtime'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { admitCallers } from './callers.ts'
import type { LiveStream } from './live-stream.ts'
import { answerProblems, type ProblemCode, Refusal, refuseMalformed, refuseUnroutable } from './problem.ts'
import { type KioskRooms, kioskRoutes, PICTURE_BYTES } from './routes.ts'

export interface KioskApiSettings {
  readonly rooms: KioskRooms
  readonly live: LiveStream
  readonly health: Pick<Health, 'report'>
  readonly metrics: Metrics
  /** May readings be taken now? */
  readonly isReady: () => boolean
  /** Folder of the built staff page; when it is not there, the API works without. */
  readonly pages: string
  /** Host names under which the gate answers, besides local ones and addresses. */
  readonly names: readonly string[]
  readonly logger: Logger
}

const JSON_BYTES = 16 * 1024
const CONTENT_SECURITY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; " +
  "connect-src 'self' ws: wss:; media-src 'self' blob:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

export async function createKioskApi(settings: KioskApiSettings): Promise<FastifyInstance> {
  const counter = settings.metrics.counter('gatehouse_http_refused_total', 'Requests refused, by code', ['code'])
  const refused = (code: ProblemCode) => counter.add({ code })
  const app = Fastify({
    logger: false,
    clientErrorHandler: (error, socket) => refuseMalformed(error, socket, refused),
    frameworkErrors: (error, _request, reply) => void refuseUnroutable(error, reply as FastifyReply, refused),
    bodyLimit: JSON_BYTES,
    requestTimeout: 10_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  })
  answerProblems(app, { logger: settings.logger, refused })
  admitCallers(app, settings.names)
  acceptBodies(app)
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', CONTENT_SECURITY)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
  })
  kioskRoutes(app, settings.rooms)
  liveRoute(app, settings.live)
  probes(app, settings)
  await pages(app, settings.pages)
  return app
}

/** JSON, the text of a code, or a picture of one; everything else is refused before it is read. A route's own limit goes
 * before these. */
function acceptBodies(app: FastifyInstance): void {
  const json = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: JSON_BYTES }, json)
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  const pictures = ['image/png', 'image/jpeg']
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: PICTURE_BYTES }, (_request, body, done) =>
    done(null, body),
  )
}

function liveRoute(app: FastifyInstance, live: LiveStream): void {
  app.get('/api/v1/live', async (_request, reply) => {
    if (!live.open(reply.raw)) throw new Refusal('GH-KIOSK-010')
    reply.hijack()
  })
}

function probes(app: FastifyInstance, { health, metrics, isReady }: KioskApiSettings): void {
  app.get('/livez', async (_request, reply) => {
    const report = health.report()
    const loops = report.checks.filter((check) => check.name.startsWith('loop '))
    const ok = loops.every((check) => check.ok)
    return reply.code(ok ? 200 : 503).send({ ok, checks: loops })
  })
  app.get('/readyz', async (_request, reply) => {
    const ok = isReady()
    return reply.code(ok ? 200 : 503).send({ ok, checks: health.report().checks })
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}

async function pages(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', async (_request, reply) => reply.type('text/html').send(UNBUILT))
    return
  }
  await app.register(fastifyStatic, {
    root: folder,
    setHeaders(reply, path) {
      const isHashed = path.includes('/assets/')
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

const UNBUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Gatehouse gate</title>
<body><h1>This gate is running</h1><p>The staff page has not been built. Run <code>npm run pages</code> and load this page again.
The API answers at <a href="/api/v1/state">/api/v1/state</a>.</p></body></html>`
