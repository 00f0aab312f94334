/**
 * The shapes that cross the HTTP wall, as JSON Schema. Unknown fields are refused, every text and list has a bound, and what
 * cannot be a value of its column is refused here rather than by the database.
 */
import Type, { type TProperties, type TSchema } from 'typebox'

export const strict = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const listOf = <T extends TSchema>(schema: T) => strict({ items: Type.Array(schema) })
export const pageOf = <T extends TSchema>(schema: T) =>
  strict({ items: Type.Array(schema), next: nullable(Type.String()) })

export const Id = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
/** Unix milliseconds, 1970 to 9999. */
export const Instant = Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 })
export const Name = Type.String({ minLength: 1, maxLength: 200 })
/** Names of zones and ticket types: what a person can also type. */
export const Word = Type.String({ minLength: 1, maxLength: 64 })
export const Words = Type.Array(Word, { maxItems: 64 })
export const Count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 })
export const ById = strict({ id: Id })

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ pattern: '^GH-API-\\d{3}$' }),
    detail: Type.Optional(Type.String()),
    problems: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  },
  { additionalProperties: true },
)

export const Direction = Type.Union([Type.Literal('entry'), Type.Literal('exit')])
export const GateDirection = Type.Union([Type.Literal('entry'), Type.Literal('exit'), Type.Literal('both')])
export const Method = Type.Union([Type.Literal('ble_auto'), Type.Literal('qr_scan'), Type.Literal('manual')])
export const Status = Type.Union([Type.Literal('active'), Type.Literal('cancelled'), Type.Literal('blocked')])
export const EntryPolicy = Type.Union([Type.Literal('once'), Type.Literal('re-entry'), Type.Literal('unlimited')])
export const CredentialKind = Type.Union([Type.Literal('qr'), Type.Literal('badge')])
