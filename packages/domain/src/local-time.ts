/**
 * Instants as the event's own clock on the wall shows them: date, weekday, minute of the day in an IANA zone, with daylight
 * saving as that zone has it. Formatters cost a hundred times more to make than to use, so the last few are kept.
 */
export interface LocalTime {
  /** "YYYY-MM-DD" */
  readonly date: string
  /** 0 ≤ minute < 1440, with seconds as a fraction. */
  readonly minute: number
  /** 1 = Monday … 7 = Sunday. */
  readonly weekday: number
}

const formattersKept = 16
const formatters = new Map<string, Intl.DateTimeFormat>()
const furthestMs = 8.64e15
const dayMs = 86_400_000

function makeFormatter(timeZone: string): Intl.DateTimeFormat {
  const options = {
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory', { ...options, timeZone })
  } catch {
    // A zone this machine does not know must not stop a gate; the rules are validated where they are written.
    return new Intl.DateTimeFormat('en-u-ca-gregory', { ...options, timeZone: 'UTC' })
  }
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  if (formatters.size >= formattersKept) formatters.delete(formatters.keys().next().value ?? '')
  const formatter = makeFormatter(timeZone)
  formatters.set(timeZone, formatter)
  return formatter
}

/** Days since 1970-01-01 of a "YYYY-MM-DD"; NaN for anything else. */
export function dayNumber(date: string): number {
  const [year = '', month = '', day = ''] = date.split('-')
  return Math.floor(Date.UTC(Number(year), Number(month) - 1, Number(day)) / dayMs)
}

/** Never throws: what is no instant is read as 1970, what is too far as the furthest one. */
export function localTime(at: number, timeZone: string): LocalTime {
  const instant = Number.isNaN(at) ? 0 : Math.max(-furthestMs, Math.min(furthestMs, at))
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of formatterOf(timeZone).formatToParts(instant)) parts[type] = value
  const date = `${(parts.year ?? '1970').padStart(4, '0')}-${parts.month}-${parts.day}`
  const minute = Number(parts.hour) * 60 + Number(parts.minute) + Number(parts.second) / 60
  return { date, minute, weekday: ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1 }
}

/** Whether this machine knows the zone; for whoever writes rules. */
export function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
