/**
 * The live WebSocket of an event. Who may watch is decided after the handshake, because only then can a browser be told why not: 4401
 * not signed in, 4403 another site or not your event, 1009 talks too much, 1013 too slow or full.
 */

import type { WebSocket } from '@fastify/websocket'
import type { EventId } from '@gatehouse/domain'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Auth } from '../auth/auth.ts'
import { type Caller, mayCall } from '../auth/caller.ts'
import { isSameOrigin, readSessionCookie } from '../auth/cookie.ts'
import type { LiveHub, Viewer } from './hub.ts'

export interface LiveDeps {
  readonly auth: Auth
  readonly live: LiveHub
  readonly events: { exists(org: Caller['org'], event: EventId): Promise<boolean> }
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function registerLive(app: FastifyInstance, deps: LiveDeps): void {
  app.get(
    '/api/v1/events/:id/live',
    { websocket: true, config: { permission: 'public' }, schema: { hide: true } },
    (socket, request) => {
      socket.on('error', () => undefined)
      void admit(socket, request, deps).catch(() => socket.close(1011, 'not available'))
    },
  )
}

async function admit(socket: WebSocket, request: FastifyRequest, deps: LiveDeps): Promise<void> {
  const { id } = request.params as { id: string }
  const { ticket } = request.query as { ticket?: unknown }
  if (!isSameOrigin(request.headers.origin, request.headers.host)) return socket.close(4403, 'another site')
  if (!ID.test(id)) return socket.close(4403, 'no such event')
  const event = id as EventId
  const caller = typeof ticket === 'string' ? await deps.auth.spendTicket(ticket, event) : request.caller
  if (!caller) return socket.close(4401, 'sign in first')
  if (!mayCall(caller, 'read') || !(await deps.events.exists(caller.org, event))) return socket.close(4403, 'not yours')
  if (socket.readyState !== socket.OPEN) return
  const viewer = viewerOf(socket, () => mayStay(request, deps.auth, ticket))
  socket.on('close', () => deps.live.leave(event, viewer))
  if (!deps.live.watch(caller.org, event, viewer)) socket.close(1013, 'full')
}

function viewerOf(socket: WebSocket, stays: () => Promise<boolean>): Viewer {
  return {
    send: (text) => socket.send(text),
    buffered: () => socket.bufferedAmount,
    close(code, reason) {
      socket.close(code, reason)
      // A peer that reads nothing would never answer the close frame.
      if (code === 1013) socket.terminate()
    },
    mayStay: stays,
  }
}

async function mayStay(request: FastifyRequest, auth: Auth, ticket: unknown): Promise<boolean> {
  const session = readSessionCookie(request.headers.cookie)
  if (typeof ticket === 'string' || request.headers.authorization !== undefined || session === undefined) return true
  return (await auth.callerOfSession(session)) !== undefined
}
