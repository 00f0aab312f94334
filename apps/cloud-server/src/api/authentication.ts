/**
 * Finds out who is asking, once per request and before anything is read of the body, and lets the route's own permission decide.
 * A browser's cookie counts only when the request comes from our own pages.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Auth } from '../auth/auth.ts'
import { type Caller, mayCall } from '../auth/caller.ts'
import { isSameOrigin, readSessionCookie } from '../auth/cookie.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

const BEARER = /^Bearer +(\S{1,200})$/i

export function registerAuthentication(app: FastifyInstance, { auth }: { auth: Auth }): void {
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request) => {
    request.caller = await callerOf(request, auth)
  })
  // After the rate limit (a hook of the route) and before the body.
  app.addHook('preParsing', async (request) => {
    const permission = request.routeOptions.config.permission ?? 'public'
    if (mayCall(request.caller, permission)) return
    throw new Problem(request.caller ? 'GH-API-006' : 'GH-API-005')
  })
}

async function callerOf(request: FastifyRequest, auth: Auth): Promise<Caller | undefined> {
  const { authorization, cookie, origin, host } = request.headers
  if (authorization !== undefined) {
    const key = BEARER.exec(authorization)?.[1]
    return key === undefined ? undefined : auth.callerOfKey(key)
  }
  const session = readSessionCookie(cookie)
  if (session === undefined) return undefined
  const caller = await auth.callerOfSession(session)
  if (caller && changesSomething(request) && !isSameOrigin(origin, host)) throw new Problem('GH-API-008')
  return caller
}

function changesSomething(request: FastifyRequest): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD'
}
