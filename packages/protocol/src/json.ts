/**
 * From bytes to a JSON object that is safe to hold: size first, then UTF-8, then JSON, then the few shapes that hurt later
 * (a stack that overflows when written again, a replaced prototype, texts that a database cannot store).
 */
import { WIRE } from './codes.ts'
import { LIMITS } from './limits.ts'
import { accept, type Parsed, refuse } from './parsed.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

export type JsonObject = { readonly [key: string]: unknown }

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

export function decodeUtf8(bytes: Uint8Array): Parsed<string> {
  try {
    return accept(utf8.decode(bytes))
  } catch {
    return refuse(WIRE.notUtf8, 'not valid UTF-8')
  }
}

/** Reads one JSON object of at most `limit` bytes. */
export function readJsonObject(input: string | Uint8Array, limit: number): Parsed<JsonObject> {
  if (isLongerThan(input, limit)) return refuse(WIRE.tooLong, `more than ${limit} bytes`)
  if (typeof input === 'string') return parseText(input)
  const text = decodeUtf8(input)
  return text.ok ? parseText(text.value) : text
}

function parseText(text: string): Parsed<JsonObject> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse(WIRE.notJson, 'not JSON')
  }
  if (!isJsonObject(value)) return refuse(WIRE.notJson, 'not a JSON object')
  // Only an escape can spell NUL, half a surrogate pair or a disguised key, so texts without one are not searched.
  const suspicious = text.includes('\\u') || text.includes('__proto__')
  const danger = suspicious || mayBeDeep(text) ? dangerOf(value, LIMITS.depth, suspicious) : undefined
  return danger ? refuse(WIRE.unsafeJson, danger) : accept(value)
}

/** Whether there are more brackets than levels allowed; those inside texts count too, this only says where to look. */
function mayBeDeep(text: string): boolean {
  let opened = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0 && opened <= LIMITS.depth; at = text.indexOf(bracket, at + 1))
      opened += 1
  }
  return opened > LIMITS.depth
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What makes a parsed value dangerous, or undefined. `thorough` also looks at keys and texts. */
function dangerOf(value: object, levels: number, thorough: boolean): string | undefined {
  if (levels === 0) return 'nested too deeply'
  for (const key in value) {
    if (thorough && !isStorableText(key)) return 'a key that cannot be stored'
    if (thorough && key === '__proto__') return 'a key named __proto__'
    const item: unknown = (value as JsonObject)[key]
    if (typeof item === 'object' && item !== null) {
      const danger = dangerOf(item, levels - 1, thorough)
      if (danger) return danger
    } else if (thorough && typeof item === 'string' && !isStorableText(item)) return 'a text that cannot be stored'
  }
  return undefined
}

/** PostgreSQL stores neither NUL nor half a surrogate pair; one such text would stop everything behind it. */
function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function isLongerThan(input: string | Uint8Array, limit: number): boolean {
  if (input.length > limit) return true
  // A UTF-16 unit takes at most three bytes, so most lines need no counting.
  return typeof input === 'string' && input.length * 3 > limit && encoder.encode(input).length > limit
}
