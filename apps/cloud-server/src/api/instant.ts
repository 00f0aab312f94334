/**
 * Reads the ISO 8601 instants of attendance requests. Only complete instants with a zone are taken: a time without one would
 * mean something else on every machine.
 */
const SHAPE = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/

/** Unix ms, or undefined when the text is not an instant that exists (30 February, hour 25). */
export function parseInstant(text: string): number | undefined {
  const parts = SHAPE.exec(text)
  if (!parts) return undefined
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined
  const ms = Date.parse(withColon(text.toUpperCase().replace(',', '.')))
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined
}

/** `+0900` is ISO 8601 too, but `Date.parse` promises only `+09:00`. */
function withColon(text: string): string {
  return text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
}
