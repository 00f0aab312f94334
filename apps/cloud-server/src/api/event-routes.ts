/** Events: made, read and changed by organizers. Everything not given in a change stays as it is. */
import type { EventId } from '@gatehouse/domain'
import Type from 'typebox'
import type { Changed, EventView } from '../events/events.ts'
import { found, Problem } from './problem.ts'
import type { Rooms } from './rooms.ts'
import { created, ok, type Route, route } from './route.ts'
import { checkRules, checkTimeZone, RulesBody } from './rules-schema.ts'
import { ById, Count, Id, Instant, Name, nullable, pageOf, strict } from './schemas.ts'

const writable = {
  timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'IANA zone' })),
  startsAt: Type.Optional(nullable(Instant)),
  endsAt: Type.Optional(nullable(Instant)),
  capacity: Type.Optional(nullable(Count)),
  showNames: Type.Optional(Type.Boolean({ description: 'Whether names travel to the gates' })),
  rules: Type.Optional(RulesBody),
}
const NewEvent = strict({ name: Name, ...writable })
const EventChange = strict({ name: Type.Optional(Name), ...writable })

const EventSchema = strict({
  id: Id,
  name: Type.String(),
  timeZone: Type.String(),
  startsAt: nullable(Instant),
  endsAt: nullable(Instant),
  capacity: nullable(Type.Integer()),
  showNames: Type.Boolean(),
  rules: Type.Object({}, { additionalProperties: true, description: 'As the gates get them' }),
  participants: Type.Integer(),
  gates: Type.Integer(),
  createdAt: Instant,
})

export function eventRoutes({ events }: Rooms): Route[] {
  const shared = { room: 'events' } as const
  return [
    route({
      ...shared,
      method: 'POST',
      url: '/events',
      permission: 'write',
      summary: 'Create an event',
      body: NewEvent,
      answers: { 201: EventSchema },
      idempotent: true,
      handler: async ({ body, caller }) => {
        checkTimeZone(body.timeZone)
        checkRules(body.rules)
        return created(eventOf(await events.create(caller.org, body)))
      },
    }),
    route({
      ...shared,
      method: 'GET',
      url: '/events',
      permission: 'read',
      summary: 'All events, newest first',
      answers: { 200: pageOf(EventSchema) },
      handler: async ({ caller }) => ok({ items: await events.list(caller.org), next: null }),
    }),
    route({
      ...shared,
      method: 'GET',
      url: '/events/:id',
      permission: 'read',
      summary: 'One event with its rules',
      params: ById,
      answers: { 200: EventSchema },
      handler: async ({ params, caller }) => ok(found(await events.get(caller.org, params.id as EventId))),
    }),
    route({
      ...shared,
      method: 'PATCH',
      url: '/events/:id',
      permission: 'write',
      summary: 'Change an event or the rules of its gates',
      params: ById,
      body: EventChange,
      answers: { 200: EventSchema },
      handler: async ({ params, body, caller }) => {
        checkTimeZone(body.timeZone)
        checkRules(body.rules)
        return ok(eventOf(found(await events.change(caller.org, params.id as EventId, body))))
      },
    }),
  ]
}

function eventOf(changed: Changed): EventView {
  if (changed.ok) return changed.event
  if (changed.why === 'ends-before-start') throw new Problem('GH-API-202')
  throw new Problem('GH-API-201', 'rules.gates names a gate that is not one of this event.')
}
