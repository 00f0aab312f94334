/** Participants as they leave the API. What comes in is bounded so that a roster line never outgrows its 4 KiB. */
import Type from 'typebox'
import { CredentialKind, Direction, EntryPolicy, Id, Instant, nullable, Status, strict } from './schemas.ts'

/** No control characters: this is shown on screens at gates. */
export const shown = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })
const plain = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })

export const personFields = {
  name: shown(120),
  email: Type.String({ maxLength: 254, pattern: '^[^\\s@\\u0000-\\u001f]+@[^\\s@\\u0000-\\u001f]+$' }),
  status: Status,
  ticketType: shown(40),
  zones: Type.Array(shown(32), { maxItems: 16 }),
  validFrom: Instant,
  validUntil: Instant,
  entryPolicy: EntryPolicy,
  maxEntries: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  attention: plain(160),
}

const PresenceSchema = strict({
  inside: Type.Boolean(),
  zone: nullable(Type.String()),
  entries: Type.Integer(),
  firstAt: nullable(Instant),
  lastAt: Instant,
  lastGate: Id,
  lastGateName: Type.String(),
  lastDirection: Direction,
})

const person = {
  id: Id,
  eventId: Id,
  externalId: nullable(Type.String()),
  name: nullable(Type.String()),
  email: nullable(Type.String()),
  ticketType: Type.String(),
  status: Status,
  zones: Type.Array(Type.String()),
  validFrom: nullable(Instant),
  validUntil: nullable(Instant),
  entryPolicy: EntryPolicy,
  maxEntries: nullable(Type.Integer()),
  attention: nullable(Type.String()),
  presence: nullable(PresenceSchema),
}
export const CredentialSchema = strict({
  id: Id,
  kind: CredentialKind,
  status: Type.Union([Type.Literal('active'), Type.Literal('revoked')]),
  key: Type.String({ description: 'Pseudonym: how the gates know it' }),
  ticket: Type.Optional(Type.String()),
  badgeNumber: Type.Optional(Type.Integer()),
})
export const PersonSchema = strict(person)
export const PersonInFullSchema = strict({ ...person, credentials: Type.Array(CredentialSchema) })
