/**
 * What a language has to bring to say a decision: a phrase for each reason and for each need of the rule language. The records
 * are complete by type, so that a new reason does not compile until it can be said in every language.
 */
import type { Explanation, Reason } from './decision.ts'
import type { ConditionNeed } from './judgement.ts'
import { dayNumber, localTime } from './local-time.ts'

export type Lang = 'en' | 'ko'

export interface Told {
  /** The decision asks staff; the phrase then speaks of what staff will do. */
  readonly asks: boolean
  readonly values: NonNullable<Explanation['with']>
  /** With the day: "tomorrow, 09:00". Undefined when the value is not known. */
  readonly day: (name: string) => string | undefined
  /** With the day only if it is another one: "at 09:00", "tomorrow, 09:00". */
  readonly at: (name: string) => string | undefined
}

type Phrase = (told: Told) => string

export interface Phrases {
  readonly welcome: string
  readonly goodbye: string
  readonly justAdmitted: string
  readonly oneMoment: string
  readonly check: (text: string) => string
  readonly reasons: Readonly<Record<Exclude<Reason, 'rule'>, Phrase>>
  readonly needs: Readonly<Record<ConditionNeed, Phrase>>
  /** A rule of which no more is known. */
  readonly someRule: string
}

/** How a language says a moment, given as local parts. */
export interface Calendar {
  readonly locale: string
  readonly today: string
  readonly tomorrow: string
  readonly yesterday: string
  readonly day: (parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>>) => string
  readonly dayAndTime: (day: string, time: string) => string
  readonly timeToday: (time: string) => string
}

export function text({ values }: Told, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function list({ values }: Told, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function count({ values }: Told, name: string): number | undefined {
  const value = values[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Too many or too late, where the condition sets an upper bound. */
export function isOver(told: Told): boolean {
  const atMost = count(told, 'atMost')
  return atMost !== undefined && (count(told, 'have') ?? 0) > atMost
}

/** "2026-11-21" in the words of the language; as it is when it is no day. */
export function dayInWords(day: string | undefined, { locale, day: say }: Calendar): string | undefined {
  if (day === undefined || Number.isNaN(dayNumber(day))) return day
  return say(dateParts(dayNumber(day) * 86_400_000, locale))
}

/** 1 = Monday. The fifth day of 1970 was one. */
export function weekdayName(weekday: string, locale: string): string {
  return dateParts((Number(weekday) + 3) * 86_400_000, locale).weekday ?? weekday
}

function dateParts(at: number, locale: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  if (!(Math.abs(at) <= 8.64e15)) return {}
  const options = { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' } as const
  const parts = new Intl.DateTimeFormat(locale, options).formatToParts(at)
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]))
}

/** Says instants as they look from `now` on the event's own clock. */
export function momentsOf(calendar: Calendar, timeZone: string, now: number) {
  const today = dayNumber(localTime(now, timeZone).date)
  return (at: number, nameToday: boolean): string => {
    const { date, minute } = localTime(at, timeZone)
    const whole = Math.floor(minute)
    const time = `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
    const away = dayNumber(date) - today
    if (away === 0) return nameToday ? calendar.dayAndTime(calendar.today, time) : calendar.timeToday(time)
    const near = away === 1 ? calendar.tomorrow : away === -1 ? calendar.yesterday : undefined
    return calendar.dayAndTime(near ?? dayInWords(date, calendar) ?? date, time)
  }
}
