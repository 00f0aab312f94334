/** The staff desk of the cloud: find a person, check them in. Every act names who did it. */
import type { EventId, GateId, ParticipantId } from '@gatehouse/domain'
import Type from 'typebox'
import type { DeskAnswer } from './desk.ts'
import { PersonInFullSchema, PersonSchema } from './person-schema.ts'
import { Problem } from './problem.ts'
import type { Rooms } from './rooms.ts'
import { ok, type Route, route } from './route.ts'
import { ById, Direction, Id, listOf, nullable, strict } from './schemas.ts'

const FOUND_AT_MOST = 20
const Find = strict({ q: Type.String({ minLength: 1, maxLength: 200 }) })
const CheckIn = strict({
  participantId: Id,
  gateId: Id,
  staff: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })),
  direction: Type.Optional(Direction),
  override: Type.Optional(strict({ note: Type.String({ minLength: 1, maxLength: 200 }) })),
})
const DeskAnswerSchema = strict({
  decision: Type.Object({ outcome: Type.String(), direction: Direction }, { additionalProperties: true }),
  person: PersonInFullSchema,
  record: nullable(strict({ id: Id, timestamp: Type.String() })),
})

export function deskRoutes({ people, desk, events }: Rooms): Route[] {
  const shared = { room: 'desk', permission: 'desk', params: ById } as const
  return [
    route({
      ...shared,
      method: 'GET',
      url: '/events/:id/desk/find',
      summary: 'Find a person by name, e-mail or ticket',
      query: Find,
      answers: { 200: listOf(PersonSchema) },
      handler: async ({ params, query, caller }) => {
        if (!(await events.exists(caller.org, params.id as EventId))) throw new Problem('GH-API-007')
        const { items } = await people.search(caller.org, params.id as EventId, { q: query.q, limit: FOUND_AT_MOST })
        return ok({ items })
      },
    }),
    route({
      ...shared,
      method: 'POST',
      url: '/events/:id/desk/check-in',
      summary: 'Let a person in or out by hand; a denial is an answer',
      body: CheckIn,
      answers: { 200: DeskAnswerSchema },
      idempotent: true,
      handler: async ({ params, body, caller }) => {
        const answer = await desk(caller.org, params.id as EventId, {
          participant: body.participantId as ParticipantId,
          gate: body.gateId as GateId,
          direction: body.direction ?? 'entry',
          staff: body.staff ?? caller.name,
          ...(body.override ? { override: body.override } : {}),
        })
        return ok(viewOf(answer))
      },
    }),
  ]
}

function viewOf(answer: DeskAnswer | 'no-event' | 'no-participant' | 'no-gate') {
  if (answer === 'no-event') throw new Problem('GH-API-007')
  if (answer === 'no-participant') throw new Problem('GH-API-101')
  if (answer === 'no-gate') throw new Problem('GH-API-103')
  const { decision, person, record } = answer
  return { decision, person, record: record && { id: record.id, timestamp: new Date(record.at).toISOString() } }
}
