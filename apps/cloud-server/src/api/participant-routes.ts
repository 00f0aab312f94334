/**
 * Participants: registered in bulk, found, changed, and their credentials issued, revoked and drawn. A revocation goes out to the gates
 * with the next change of the roster, ahead of everything that waits.
 */
import type { EventId, ParticipantId } from '@gatehouse/domain'
import Type, { type TSchema } from 'typebox'
import { ticketPng, ticketSvg } from '../roster/ticket-image.ts'
import { CredentialSchema, PersonInFullSchema, PersonSchema, personFields, shown } from './person-schema.ts'
import { found, Problem } from './problem.ts'
import type { Rooms } from './rooms.ts'
import { type Answer, created, ok, type Route, route } from './route.ts'
import { ById, CredentialKind, Id, nullable, pageOf, Status, strict } from './schemas.ts'

const optional = Type.Optional
const orNull = <T extends TSchema>(schema: T) => optional(nullable(schema))

const NewPerson = strict({
  externalId: optional(shown(100)),
  name: optional(personFields.name),
  email: optional(personFields.email),
  status: optional(personFields.status),
  ticketType: optional(personFields.ticketType),
  zones: optional(personFields.zones),
  validFrom: optional(personFields.validFrom),
  validUntil: optional(personFields.validUntil),
  entryPolicy: optional(personFields.entryPolicy),
  maxEntries: optional(personFields.maxEntries),
  attention: optional(personFields.attention),
  credentials: optional(Type.Array(CredentialKind, { maxItems: 2 })),
})
const PersonChange = strict({
  name: optional(personFields.name),
  email: orNull(personFields.email),
  status: optional(personFields.status),
  ticketType: optional(personFields.ticketType),
  zones: optional(personFields.zones),
  validFrom: orNull(personFields.validFrom),
  validUntil: orNull(personFields.validUntil),
  entryPolicy: optional(personFields.entryPolicy),
  maxEntries: orNull(personFields.maxEntries),
  attention: orNull(personFields.attention),
})
const Bulk = strict({ items: Type.Array(NewPerson, { minItems: 1, maxItems: 10_000 }) })
const Registered = strict({
  id: Id,
  externalId: nullable(Type.String()),
  ticket: optional(Type.String()),
  badgeNumber: optional(Type.Integer()),
})
const BULK_BYTES = 8_388_608

export const Search = strict({
  q: optional(Type.String({ minLength: 1, maxLength: 200 })),
  status: optional(Status),
  limit: optional(Type.Integer({ minimum: 1, maximum: 200, default: 20 })),
  after: optional(Type.String({ minLength: 1, maxLength: 800 })),
})
const OfCredential = strict({ id: Id, credentialId: Id })

export function participantRoutes(rooms: Rooms): Route[] {
  return [...registrationRoutes(rooms), ...personRoutes(rooms), ...credentialRoutes(rooms), ...ticketRoutes(rooms)]
}

function registrationRoutes({ register, people, events }: Rooms): Route[] {
  const shared = { room: 'participants' } as const
  return [
    route({
      ...shared,
      method: 'POST',
      url: '/events/:id/participants/bulk',
      permission: 'write',
      summary: 'Register up to 10,000 participants: all of them or none',
      params: ById,
      body: Bulk,
      bodyLimit: BULK_BYTES,
      answers: { 201: strict({ items: Type.Array(Registered) }) },
      idempotent: true,
      handler: async ({ params, body, caller }) =>
        created({ items: found(await register(caller.org, params.id as EventId, body.items)) }),
    }),
    route({
      ...shared,
      method: 'POST',
      url: '/events/:id/participants',
      permission: 'write',
      summary: 'Register one participant',
      params: ById,
      body: NewPerson,
      answers: { 201: Registered },
      idempotent: true,
      handler: async ({ params, body, caller }) =>
        created(found(await register(caller.org, params.id as EventId, [body]))[0]),
    }),
    route({
      ...shared,
      method: 'GET',
      url: '/events/:id/participants',
      permission: 'read',
      summary: 'Find participants by name, e-mail, ticket or id',
      params: ById,
      query: Search,
      answers: { 200: pageOf(PersonSchema) },
      handler: async ({ params, query, caller }) => {
        const event = params.id as EventId
        if (!(await events.exists(caller.org, event))) throw new Problem('GH-API-007')
        return ok(await people.search(caller.org, event, { ...query, limit: query.limit ?? 20 }))
      },
    }),
  ]
}

function personRoutes({ people }: Rooms): Route[] {
  const shared = { room: 'participants', params: ById, answers: { 200: PersonInFullSchema } } as const
  return [
    route({
      ...shared,
      method: 'GET',
      url: '/participants/:id',
      permission: 'read',
      summary: 'One participant with credentials and presence',
      handler: async ({ params, caller }) => ok(found(await people.get(caller.org, params.id as ParticipantId))),
    }),
    route({
      ...shared,
      method: 'PATCH',
      url: '/participants/:id',
      permission: 'write',
      summary: 'Change a participant; what is not given stays',
      body: PersonChange,
      handler: async ({ params, body, caller }) =>
        ok(found(await people.change(caller.org, params.id as ParticipantId, body))),
    }),
  ]
}

function credentialRoutes({ credentials }: Rooms): Route[] {
  const shared = { room: 'participants', permission: 'write' } as const
  return [
    route({
      ...shared,
      method: 'POST',
      url: '/participants/:id/credentials',
      summary: 'Issue a QR ticket or a badge number',
      params: ById,
      body: strict({ kind: CredentialKind }),
      answers: { 201: CredentialSchema },
      idempotent: true,
      handler: async ({ params, body, caller }) =>
        created(found(await credentials.issue(caller.org, params.id as ParticipantId, body.kind))),
    }),
    route({
      ...shared,
      method: 'POST',
      url: '/participants/:id/credentials/:credentialId/revoke',
      summary: 'Revoke a credential for good',
      params: OfCredential,
      answers: { 200: CredentialSchema },
      handler: async ({ params, caller }) =>
        ok(found(await credentials.revoke(caller.org, params.id as ParticipantId, params.credentialId))),
    }),
  ]
}

function ticketRoutes({ people }: Rooms): Route[] {
  const shared = {
    room: 'participants',
    method: 'GET',
    permission: 'read',
    params: ById,
    answers: { 200: Type.Unknown() },
  } as const
  const ticketOf = async (org: Parameters<typeof people.get>[0], id: string): Promise<string> => {
    const person = found(await people.get(org, id as ParticipantId))
    const active = person.credentials.findLast(
      ({ kind, status, ticket }) => kind === 'qr' && status === 'active' && ticket !== undefined,
    )
    return found(active?.ticket, 'GH-API-301')
  }
  return [
    route({
      ...shared,
      url: '/participants/:id/ticket.png',
      summary: 'The active QR ticket as PNG',
      handler: async ({ params, caller }) => image('image/png', await ticketPng(await ticketOf(caller.org, params.id))),
    }),
    route({
      ...shared,
      url: '/participants/:id/ticket.svg',
      summary: 'The active QR ticket as SVG',
      handler: async ({ params, caller }) =>
        image('image/svg+xml', await ticketSvg(await ticketOf(caller.org, params.id))),
    }),
  ]
}

/** A ticket is as good as the person's entry: no cache keeps it. */
function image(type: string, body: Buffer | string): Answer {
  return { status: 200, body, headers: { 'content-type': type, 'cache-control': 'private, no-store' } }
}
