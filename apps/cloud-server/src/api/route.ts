/**
 * A route is a plain value: where it is, who may call it, what goes in and out, and a handler of a few lines that calls a room.
 * Fastify is not visible in handlers, so the same list serves the server, the OpenAPI document and the tests that walk it.
 */
import type { Static, TSchema } from 'typebox'
import type { Caller, Permission } from '../auth/caller.ts'

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Asked<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below /api/v1, with Fastify's `:name` for parameters. */
  readonly url: string
  readonly permission: Exclude<Permission, 'public'>
  readonly summary: string
  readonly room: 'attendance' | 'events' | 'participants' | 'gates' | 'statistics' | 'desk' | 'sessions'
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  readonly answers: Readonly<Record<number, TSchema>>
  /** Whether an Idempotency-Key makes a repetition answer as the first time. */
  readonly idempotent?: boolean
  /** Bytes; default 1 MB. */
  readonly bodyLimit?: number
  readonly handler: (asked: Asked<never, never, never>) => Promise<Answer>
}

type Definition<P extends TSchema, Q extends TSchema, B extends TSchema> = Omit<
  Route,
  'params' | 'query' | 'body' | 'handler'
> & {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly handler: (asked: Asked<Static<P>, Static<Q>, Static<B>>) => Promise<Answer>
}

/** Ties the handler's types to its schemas. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(definition: Definition<P, Q, B>): Route {
  return definition
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })
export const nothing: Answer = { status: 204 }
