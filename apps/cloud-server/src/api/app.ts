/**
 * The HTTP server as a value: walls first (security headers, who is asking, limits, shapes), then the list of routes, then the
 * pages. Listening and closing are the caller's business. Every route carries a permission; one without ends the start.
 */
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import type { Clock, Logger, Metrics } from '@gatehouse/runtime'
import Fastify, { type FastifyInstance, type FastifyReply, type RouteOptions } from 'fastify'
import type { Permission } from '../auth/caller.ts'
import { type Readiness, registerHealth } from '../health/routes.ts'
import { registerLive } from '../live/routes.ts'
import { attendanceRoutes } from './attendance-routes.ts'
import { registerAuthentication } from './authentication.ts'
import { problemOf } from './bad-input.ts'
import { deskRoutes } from './desk-routes.ts'
import { countRefusals, refuseMalformed, registerErrors, sendProblem } from './errors.ts'
import { eventRoutes } from './event-routes.ts'
import { gateRoutes } from './gate-routes.ts'
import { createIdempotency } from './idempotency.ts'
import { measureRequests } from './measure.ts'
import { openApi } from './openapi.ts'
import { registerPages } from './pages.ts'
import { participantRoutes } from './participant-routes.ts'
import { Problem } from './problem.ts'
import { registerRoutes } from './register.ts'
import type { Rooms } from './rooms.ts'
import { registerSession } from './session-routes.ts'
import { statisticsRoutes } from './statistics-routes.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission
  }
}

export interface ApiDeps {
  readonly rooms: Rooms
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly readiness: Readiness
  /** Folder of the built dashboard; missing pages are explained, not an error. */
  readonly pagesDir: string
  /** Requests per minute for one key or session, and for one address that has neither. */
  readonly limits?: { readonly perCaller: number; readonly perAddress: number }
}

const BODY_LIMIT = 1_048_576
const LIMITS = { perCaller: 60_000, perAddress: 1_200 }

export async function createApi(deps: ApiDeps): Promise<FastifyInstance> {
  const refused = countRefusals(deps.metrics)
  const app = Fastify({
    clientErrorHandler: (error, socket) => refuseMalformed(error, socket, refused),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 200 },
    trustProxy: false,
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(reply as FastifyReply, problemOf(error) ?? new Problem('GH-API-015')),
  })
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  readJson(app)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.addHook('onRoute', refuseWithoutPermission)
  registerErrors(app, { logger: deps.logger, refused })
  measureRequests(app, deps)
  registerAuthentication(app, deps.rooms)
  await app.register(helmet, { contentSecurityPolicy: { directives: contentSecurity, useDefaults: false } })
  await app.register(rateLimit, limitsFor(deps.limits ?? LIMITS))
  await app.register(swagger, openApi)
  await app.register(websocket, { options: { maxPayload: 1024, perMessageDeflate: false }, preClose: sayRestarting })

  registerRoutes(app, apiRoutes(deps.rooms), createIdempotency(deps.rooms.answered))
  registerSession(app, deps.rooms)
  registerLive(app, deps.rooms)
  registerHealth(app, deps)
  app.get('/openapi.json', { config: { permission: 'public' }, schema: { hide: true } }, () => app.swagger())
  await registerPages(app, deps)
  return app
}

/** 1012: viewers come back, with some jitter, to whoever serves then. */
function sayRestarting(this: FastifyInstance, done: () => void): void {
  for (const client of this.websocketServer.clients) client.close(1012, 'restarting')
  this.websocketServer.close()
  done()
}

/** Clients that always name a content type may still send nothing; a route that wants a body refuses that by its schema. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    if (text === '') done(null, undefined)
    else void parse(request, text, done)
  })
}

/** All routes below /api/v1, in the order of the documentation. */
export function apiRoutes(rooms: Rooms) {
  return [
    ...attendanceRoutes(rooms),
    ...eventRoutes(rooms),
    ...participantRoutes(rooms),
    ...gateRoutes(rooms),
    ...statisticsRoutes(rooms),
    ...deskRoutes(rooms),
  ]
}

/** Style attributes are allowed because charts set sizes; scripts come from us only and never inline. */
const contentSecurity = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': ["'self'", 'ws:', 'wss:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'form-action': ["'self'"],
}

function limitsFor(limits: NonNullable<ApiDeps['limits']>) {
  return {
    timeWindow: 60_000,
    cache: 10_000,
    max: (request: { caller?: unknown }) => (request.caller ? limits.perCaller : limits.perAddress),
    keyGenerator: (request: { caller?: { id: string } | undefined; ip: string }) => request.caller?.id ?? request.ip,
  }
}

/** HEAD twins and the files of the pages come from plugins; the latter only ever serve one public folder. */
function refuseWithoutPermission(route: RouteOptions & { path?: string }) {
  if (route.config?.permission || route.url === '/*') return
  throw new Error(`route ${String(route.method)} ${route.url} has no permission`)
}
