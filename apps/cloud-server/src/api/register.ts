/**
 * Puts the routes, which are plain values, onto Fastify: path, permission, shapes and bounds from the value, the answer from the
 * handler. Everything that all routes share stands here once.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { isStorable } from './bad-input.ts'
import type { Idempotency } from './idempotency.ts'
import { Problem } from './problem.ts'
import type { Answer, Route } from './route.ts'
import { ProblemSchema, strict } from './schemas.ts'

export const API = '/api/v1'
const Headers = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{8,128}$' })) })

export function registerRoutes(app: FastifyInstance, routes: readonly Route[], idempotency: Idempotency): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: API + route.url,
      config: { permission: route.permission },
      schema: schemaOf(route),
      ...(route.bodyLimit ? { bodyLimit: route.bodyLimit } : {}),
      preHandler: refuseUnstorable,
      handler: async (request, reply) => send(reply, await answer(route, request, idempotency)),
    })
  }
}

function schemaOf(route: Route) {
  return {
    summary: route.summary,
    tags: [route.room],
    security: [{ key: [] }, { session: [] }],
    ...(route.params ? { params: route.params } : {}),
    // Without a schema any query would pass; an empty one refuses misspelt filters.
    querystring: route.query ?? strict({}),
    ...(route.body ? { body: route.body } : {}),
    ...(route.idempotent ? { headers: Headers } : {}),
    response: { ...route.answers, '4xx': ProblemSchema },
  }
}

async function refuseUnstorable({ params, query, body }: FastifyRequest): Promise<void> {
  if (!isStorable([params, query, body]))
    throw new Problem('GH-API-002', 'Text with NUL or broken characters, or nested too deep.')
}

async function answer(route: Route, request: FastifyRequest, idempotency: Idempotency): Promise<Answer> {
  const { caller } = request
  if (!caller) throw new Problem('GH-API-005')
  // The shapes were checked by the route's own schemas before this point.
  const asked = { params: request.params, query: request.query, body: request.body, caller } as never
  const key = request.headers['idempotency-key']
  if (!route.idempotent || typeof key !== 'string') return route.handler(asked)
  return idempotency({ org: caller.org, key, method: route.method, url: request.url, body: request.body }, () =>
    route.handler(asked),
  )
}

function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  if (headers) reply.headers(headers)
  return reply.code(status).send(body)
}
