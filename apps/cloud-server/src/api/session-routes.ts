/**
 * Signing in and out of the pages. A key or a one-time token is exchanged for a session cookie, so that the secret itself is typed
 * once and kept nowhere in the browser.
 */
import type { EventId } from '@gatehouse/domain'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Session } from '../auth/auth.ts'
import type { Caller } from '../auth/caller.ts'
import { isSameOrigin, readSessionCookie, sessionCookie } from '../auth/cookie.ts'
import { Problem } from './problem.ts'
import { API } from './register.ts'
import type { Rooms } from './rooms.ts'
import { Id, Instant, ProblemSchema, strict } from './schemas.ts'

const Secret = Type.String({ minLength: 1, maxLength: 200 })
const SignIn = strict({ key: Type.Optional(Secret), login: Type.Optional(Secret) })
const SessionSchema = strict({ org: Id, name: Type.String(), scopes: Type.Array(Type.String()) })
const Token = strict({ token: Type.String(), expiresAt: Instant, url: Type.String() })
const Ticket = strict({ ticket: Type.String(), expiresAt: Instant })
const ForEvent = strict({ eventId: Id })

/** Sets the cookie of a new session on the answer. */
export function startSession(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  reply.header('set-cookie', sessionCookie(session.token, session.lifeSec, request.protocol === 'https'))
}

const visible = ({ org, name, scopes }: Caller) => ({ org, name, scopes })

export function registerSession(app: FastifyInstance, rooms: Rooms): void {
  const tags = ['sessions']

  app.post<{ Body: Static<typeof SignIn> }>(
    `${API}/session`,
    {
      config: { permission: 'public' },
      schema: {
        summary: 'Sign in with a key or a one-time token',
        tags,
        body: SignIn,
        response: { 200: SessionSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      if (!isSameOrigin(request.headers.origin, request.headers.host)) throw new Problem('GH-API-008')
      const session = await signIn(request.body, rooms)
      if (!session) throw new Problem('GH-API-005', 'The key or token is not valid.')
      startSession(request, reply, session)
      return visible(session.caller)
    },
  )
  app.get(
    `${API}/session`,
    {
      config: { permission: 'signed-in' },
      schema: { summary: 'Who is signed in', tags, response: { 200: SessionSchema, '4xx': ProblemSchema } },
    },
    async (request) => request.caller && visible(request.caller),
  )
  app.delete(
    `${API}/session`,
    {
      config: { permission: 'signed-in' },
      schema: { summary: 'Sign out', tags, response: { 204: Type.Null(), '4xx': ProblemSchema } },
    },
    async (request, reply) => {
      const token = readSessionCookie(request.headers.cookie)
      if (token !== undefined) await rooms.auth.endSession(token)
      return reply
        .header('set-cookie', sessionCookie('', 0, request.protocol === 'https'))
        .code(204)
        .send()
    },
  )
  app.post(
    `${API}/login-tokens`,
    {
      config: { permission: 'admin' },
      schema: {
        summary: 'A one-time token that opens the pages, for 24 hours',
        tags,
        response: { 201: Token, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { token, expiresAt } = await rooms.auth.makeLoginToken(signedIn(request))
      return reply.code(201).send({ token, expiresAt, url: `/?login=${token}` })
    },
  )
  app.post<{ Body: Static<typeof ForEvent> }>(
    `${API}/live-tickets`,
    {
      config: { permission: 'read' },
      schema: {
        summary: 'A one-time ticket for the live WebSocket of an event, for 30 seconds',
        tags,
        body: ForEvent,
        response: { 201: Ticket, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const caller = signedIn(request)
      const eventId = request.body.eventId as EventId
      if (!(await rooms.events.exists(caller.org, eventId))) throw new Problem('GH-API-007')
      return reply.code(201).send(await rooms.auth.makeTicket(caller, eventId))
    },
  )
}

function signIn({ key, login }: Static<typeof SignIn>, { auth }: Rooms): Promise<Session | undefined> {
  if (key !== undefined) return auth.signIn(key)
  return login === undefined ? Promise.resolve(undefined) : auth.exchangeLogin(login)
}

function signedIn(request: FastifyRequest): Caller {
  if (!request.caller) throw new Problem('GH-API-005')
  return request.caller
}
