/**
 * The atoms that messages are made of: ids, instants, counts, hashes. Each is a schema that a validator checks and that the
 * published JSON Schema shows; branded ids come out as the types of the domain.
 */
import type { CredentialKey, EpochId, EventId, GateId, ParticipantId } from '@gatehouse/domain'
import Type, { type TSchema } from 'typebox'

export const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
export const uuid = Type.String({ pattern: UUID, description: 'Lower-case UUID' })
export const eventId = Type.Unsafe<EventId>(uuid)
export const gateId = Type.Unsafe<GateId>(uuid)
export const participantId = Type.Unsafe<ParticipantId>(uuid)
export const epochId = Type.Unsafe<EpochId>(uuid)
export const credentialKey = Type.Unsafe<CredentialKey>(
  Type.String({ pattern: '^[0-9a-f]{32}$', description: 'Pseudonym of a credential' }),
)

export const version1 = Type.Literal(1, { description: 'Protocol version' })
/** Unix milliseconds. */
export const instant = count('Unix milliseconds')
export const safeInteger = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })
export const hash32 = Type.String({ pattern: '^[0-9a-f]{64}$', description: '32 bytes, hex' })
export const hash16 = Type.String({ pattern: '^[0-9a-f]{32}$', description: '16 bytes, hex' })
/** 64 bytes leave four spare bits in base64; only the spelling with zeros there is accepted. */
export const signature = Type.String({ pattern: '^[A-Za-z0-9+/]{85}[AQgw]==$', description: 'Ed25519, base64' })
export const DATE = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
export const timeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: 'HH:MM' })

export function count(description: string) {
  return Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })
}

export function ordinal(description: string) {
  return Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description })
}

/** A short text for people or logs; the length is in UTF-16 units. */
export function text(atMost: number, description: string) {
  return Type.String({ pattern: shortText(atMost), description })
}

export function shortText(atMost: number): string {
  return `^[\\s\\S]{1,${atMost}}$`
}

export function oneOf<const Values extends readonly string[]>(values: Values, description: string) {
  return Type.Unsafe<Values[number]>(Type.Enum([...values], { type: 'string', description }))
}

/** A table by key. Keys outside the pattern are refused: they would escape the check of their values. */
export function table<Value extends TSchema>(keyPattern: string, value: Value, atMost: number) {
  const key = Type.String({ pattern: keyPattern })
  return Type.Record(key, value, { additionalProperties: false, maxProperties: atMost })
}

/** Makes a field optional; the wire simply leaves it out. */
export function maybe<Schema extends TSchema>(schema: Schema) {
  return Type.Optional(schema)
}
