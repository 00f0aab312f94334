/**
 * RFC 8785 canonical JSON: one spelling per value, for what is signed and for what is hashed as a set. Values come from our
 * own programs or from parsers that already refused the dangerous, so what has no spelling here is a broken assumption and throws.
 */

/** Deeper than any message may be; a value that contains itself ends here and not in a stack overflow. */
const MAX_DEPTH = 64

/** Fields that are undefined are left out, as in JSON.stringify. Throws on NaN, Infinity, bigints, half surrogate pairs. */
export function canonicalJson(value: unknown): string {
  return write(value, MAX_DEPTH)
}

function write(value: unknown, levels: number): string {
  if (levels === 0) throw new RangeError('nested too deeply for canonical JSON')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeText(value)
  if (typeof value === 'number') return writeNumber(value)
  if (Array.isArray(value)) return `[${value.map((item) => write(item, levels - 1)).join(',')}]`
  if (typeof value === 'object') return writeObject(value as Readonly<Record<string, unknown>>, levels - 1)
  throw new TypeError(`a ${typeof value} has no canonical JSON`)
}

function writeObject(value: Readonly<Record<string, unknown>>, levels: number): string {
  // The default order is by UTF-16 units, which is what the RFC asks for.
  const keys = Object.keys(value).sort()
  const fields: string[] = []
  for (const key of keys) {
    if (value[key] !== undefined) fields.push(`${writeText(key)}:${write(value[key], levels)}`)
  }
  return `{${fields.join(',')}}`
}

function writeText(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('half a surrogate pair has no canonical JSON')
  return JSON.stringify(text)
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`)
  return JSON.stringify(value)
}
