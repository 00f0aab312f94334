/**
 * What is known of a person's entries, as far as conditions ask about it: the presence feed counts them, the gate knows some of
 * them one by one, and neither knows all. Counts are at least what is known for sure.
 */
import { type LocalTime, localTime, minuteOf } from './local-time.ts'
import type { Presence } from './presence.ts'

export interface KnownEntries {
  readonly presence?: Presence
  /** Unix ms. */
  readonly entryTimes?: readonly number[]
}

/** Instants of entries known one by one: the gate's own list, and the first and last that presence tells. */
function knownEntries({ presence, entryTimes = [] }: KnownEntries): readonly number[] {
  const known = new Set(entryTimes)
  if (presence?.firstAt !== undefined) known.add(presence.firstAt)
  if (presence?.lastDirection === 'entry') known.add(presence.lastAt)
  return [...known]
}

export interface Entered {
  readonly total: number
  /** Local times of the entries known one by one. */
  readonly known: readonly LocalTime[]
  readonly byDay: Readonly<Record<string, number>>
  readonly now: LocalTime
}

export function enteredOf(context: KnownEntries & { readonly at: number; readonly timeZone: string }): Entered {
  const instants = knownEntries(context)
  return {
    total: Math.max(context.presence?.entries ?? 0, instants.length),
    known: instants.map((at) => localTime(at, context.timeZone)),
    byDay: context.presence?.days ?? {},
    now: localTime(context.at, context.timeZone),
  }
}

/** Counts are at least what is known for sure: where the feed gives days and the gate gives instants, the larger one is right. */
export function enteredToday({ known, byDay, now }: Entered): number {
  const fromFeed = Object.hasOwn(byDay, now.date) ? (byDay[now.date] ?? 0) : 0
  return Math.max(fromFeed, known.filter(({ date: day }) => day === now.date).length)
}

export function daysEntered({ total, known, byDay }: Entered): number {
  return Math.max(new Set([...known.map(({ date: day }) => day), ...Object.keys(byDay)]).size, total > 0 ? 1 : 0)
}

export function enteredSince({ known, now }: Entered, time: string): number {
  return known.filter(({ date: day, minute }) => day === now.date && minute >= minuteOf(time)).length
}

/** Where an entry is counted but its instant is not known, it was at the latest when they were last seen. */
export function lastEntry(history: KnownEntries): number | undefined {
  const { presence } = history
  const instants = knownEntries(history)
  const hasMore = presence !== undefined && presence.entries > instants.length
  return hasMore || instants.length > 0 ? Math.max(...instants, ...(hasMore ? [presence.lastAt] : [])) : undefined
}

export function firstEntry(history: KnownEntries): number | undefined {
  const { presence } = history
  if (presence?.firstAt !== undefined) return presence.firstAt
  const instants = [...knownEntries(history), ...(presence && presence.entries > 0 ? [presence.lastAt] : [])]
  return instants.length > 0 ? Math.min(...instants) : undefined
}
