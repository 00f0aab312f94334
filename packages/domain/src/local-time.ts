/**
 * Instants as the event's own clock on the wall shows them: date, weekday, minute of the day in an IANA zone, with daylight
 * saving as that zone has it. Asking Intl takes longer than the whole rest of a decision, and a zone's offset never changes but
 * at a quarter of an hour, so offsets are kept by quarter; both caches are bounded.
 */
export interface LocalTime {
  /** "YYYY-MM-DD" */
  readonly date: string
  /** 0 ≤ minute < 1440, with seconds as a fraction. */
  readonly minute: number
  /** 1 = Monday … 7 = Sunday. */
  readonly weekday: number
}

const dayMs = 86_400_000
const quarterMs = 900_000
const formattersKept = 16
const offsetsKept = 4096
/** The last instant of 9999; nothing here is about later ones, nor about those before 1970. */
const lastInstant = 253_402_214_400_000 - 1

const formatters = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

/** Gives the kept value or makes it; when full, the oldest goes. */
function kept<T>(cache: Map<string, T>, key: string, atMost: number, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= atMost) cache.delete(cache.keys().next().value ?? '')
  const made = make()
  cache.set(key, made)
  return made
}

const options = {
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const

function makeFormatter(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { ...options, timeZone })
  } catch {
    // A zone this machine does not know must not stop a gate; the rules are validated where they are written.
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { ...options, timeZone: 'UTC' })
  }
}

function measureOffset(at: number, timeZone: string): number {
  const formatter = kept(formatters, timeZone, formattersKept, () => makeFormatter(timeZone))
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatter.formatToParts(at)) parts[type] = Number(value)
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - at
}

function offsetAt(at: number, timeZone: string): number {
  const quarter = Math.floor(at / quarterMs)
  return kept(offsets, `${timeZone} ${quarter}`, offsetsKept, () => measureOffset(quarter * quarterMs, timeZone))
}

/** "HH:MM" as minutes of the day; "24:00" is the end of it. */
export function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** Days since 1970-01-01 of a "YYYY-MM-DD"; NaN for anything else. */
export function dayNumber(date: string): number {
  const [year = '', month = '', day = ''] = date.split('-')
  return Math.floor(Date.UTC(Number(year), Number(month) - 1, Number(day)) / dayMs)
}

/** The reverse: counted in years that begin in March, so that the leap day is a year's last. */
function dateOf(days: number): string {
  const since = days + 719_468
  const era = Math.floor(since / 146_097)
  const dayOfEra = since - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * march + 2) / 5) + 1
  const month = march < 10 ? march + 3 : march - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** Never throws: what is no instant, or before 1970, is read as 1970; what is beyond 9999 as its end. */
export function localTime(at: number, timeZone: string): LocalTime {
  const instant = Number.isNaN(at) ? 0 : Math.max(0, Math.min(lastInstant, at))
  const local = instant + offsetAt(instant, timeZone)
  const days = Math.floor(local / dayMs)
  return { date: dateOf(days), minute: (local - days * dayMs) / 60_000, weekday: ((((days + 3) % 7) + 7) % 7) + 1 }
}

/** Whether this machine knows the zone; for whoever writes rules. */
export function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
