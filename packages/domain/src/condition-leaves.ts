/**
 * The leaves of the rule language: each compares one thing known about the person, the gate or the time, and says what it
 * would need, already turned round where a "not" stands above it. `cost` orders explanations: minutes to wait where waiting
 * helps, far larger where it does not.
 */
import type { Comparison, Condition } from './condition.ts'
import type { Explanation } from './decision.ts'
import {
  daysEntered,
  enteredOf,
  enteredSince,
  enteredToday,
  firstEntry,
  type KnownEntries,
  lastEntry,
} from './entry-history.ts'
import { type ConditionNeed, explain } from './judgement.ts'
import { dayNumber, localTime, minuteOf } from './local-time.ts'
import type { ClockTrust } from './reading.ts'

export interface ConditionContext extends KnownEntries {
  /** The instant of the reading, Unix ms. */
  readonly at: number
  /** IANA zone of the event. */
  readonly timeZone: string
  readonly clock: ClockTrust
  readonly gate: string
  readonly zone?: string
  readonly ticketType?: string
}

export interface Finding {
  readonly holds: boolean
  readonly uncertain?: 'clock' | 'not-understood'
  readonly needs?: Explanation
  /** Minutes or worse until it could hold; only compared with others. */
  readonly cost: number
}

export type Leaf = Exclude<Condition, { all: unknown } | { any: unknown } | { not: unknown }>

const minutesPerDay = 1440
const costs = { leave: 5, walk: 60, more: 1e6, otherTicket: 1e7, never: 1e8 } as const
const sure = { aboutTime: false } as const
const timely = { aboutTime: true } as const

const around = (minute: number, cycle: number) => ((minute % cycle) + cycle) % cycle

type Judge = (wanted: boolean) => Finding
type Values = Parameters<typeof explain>[1]

function leaf(
  context: ConditionContext,
  { aboutTime }: { aboutTime: boolean },
  isSo: boolean,
  tell: (wanted: boolean) => [ConditionNeed, Values, number],
): Judge {
  return (wanted) => {
    const doubt = aboutTime && context.clock === 'unknown' ? ({ uncertain: 'clock' } as const) : {}
    if (isSo === wanted) return { holds: true, cost: 0, ...doubt }
    const [need, values, cost] = tell(wanted)
    return { holds: false, needs: explain(need, values), cost, ...doubt }
  }
}

function timeOfDay(
  context: ConditionContext,
  { from, until, toleranceMin = 0 }: Extract<Leaf, { timeOfDay: unknown }>['timeOfDay'],
): Judge {
  const { minute } = localTime(context.at, context.timeZone)
  // The same time twice means the whole day, and so does a window that the tolerance makes longer than one.
  const length = (around(minuteOf(until) - minuteOf(from), minutesPerDay) || minutesPerDay) + 2 * toleranceMin
  const since = around(minute - minuteOf(from) + toleranceMin, minutesPerDay)
  const isSo = length >= minutesPerDay || since < length
  return leaf(context, timely, isSo, (wanted) =>
    wanted
      ? ['time-of-day', { from, until }, minutesPerDay - since]
      : ['time-of-day', { from: until, until: from }, length - since],
  )
}

function weekday(context: ConditionContext, days: readonly number[]): Judge {
  const local = localTime(context.at, context.timeZone)
  return leaf(context, timely, days.includes(local.weekday), (wanted) => {
    const wantedDays = [1, 2, 3, 4, 5, 6, 7].filter((day) => days.includes(day) === wanted)
    const next = Math.min(...wantedDays.map((day) => around(day - local.weekday, 7)))
    return [
      'weekday',
      { weekdays: wantedDays.map(String) },
      next === Number.POSITIVE_INFINITY ? costs.never : next * minutesPerDay - local.minute,
    ]
  })
}

function date(
  context: ConditionContext,
  { from, until, toleranceMin = 0 }: Extract<Leaf, { date: unknown }>['date'],
): Judge {
  const shifted = (minutes: number) => localTime(context.at + minutes * 60_000, context.timeZone).date
  const isEarly = from !== undefined && dayNumber(shifted(toleranceMin)) < dayNumber(from)
  const isLate = until !== undefined && dayNumber(shifted(-toleranceMin)) > dayNumber(until)
  return leaf(context, timely, !isEarly && !isLate, (wanted) => {
    if (!wanted) return ['not-date', { from, until }, costs.never]
    const daysToWait = dayNumber(from ?? '') - dayNumber(shifted(0))
    return ['date', { from, until }, isEarly ? daysToWait * minutesPerDay : costs.never]
  })
}

interface Count {
  readonly value: number
  readonly when: { aboutTime: boolean }
  /** What waiting costs when the count is too low, and when it is too high. */
  readonly rise: (missing: number) => number
  readonly fall: number
  readonly also?: Values
}

const complement = ({ atLeast, atMost }: Comparison) =>
  atLeast !== undefined ? { atMost: atLeast - 1 } : { atLeast: (atMost ?? 0) + 1 }

function counted(
  context: ConditionContext,
  need: ConditionNeed,
  bounds: Comparison,
  { value, when, rise, fall, also }: Count,
): Judge {
  const isLow = bounds.atLeast !== undefined && value < bounds.atLeast
  const isHigh = bounds.atMost !== undefined && value > bounds.atMost
  return leaf(context, when, !isLow && !isHigh, (wanted) => {
    const { atLeast, atMost } = wanted
      ? { atLeast: bounds.atLeast, atMost: bounds.atMost }
      : { atLeast: undefined, atMost: undefined, ...complement(bounds) }
    const missing = (atLeast ?? 0) - value
    return [need, { atLeast, atMost, have: Math.floor(value), ...also }, missing > 0 ? rise(missing) : fall]
  })
}

/** A person who never came in has nothing to wait for, and nothing that could have run out. */
function minutesSince(
  context: ConditionContext,
  need: ConditionNeed,
  bounds: Comparison,
  instant: number | undefined,
): Judge {
  if (instant === undefined) return () => ({ holds: true, cost: 0 })
  const value = (context.at - instant) / 60_000
  return counted(context, need, bounds, { value, when: timely, rise: (missing) => missing, fall: costs.never })
}

function inside(context: ConditionContext, isWanted: boolean): Judge {
  const isSo = (context.presence?.inside ?? false) === isWanted
  return leaf(context, sure, isSo, (wanted) => [wanted === isWanted ? 'inside' : 'outside', {}, costs.leave])
}

function listed(
  context: ConditionContext,
  what: 'gate' | 'zone' | 'ticket-type',
  list: readonly string[],
  value: string | undefined,
): Judge {
  const name = { gate: 'gates', zone: 'zones', 'ticket-type': 'ticketTypes' }[what]
  const cost = what === 'ticket-type' ? costs.otherTicket : costs.walk
  const isSo = value !== undefined && list.includes(value)
  return leaf(context, sure, isSo, (wanted) => [wanted ? what : `not-${what}`, { [name]: list }, cost])
}

function countLeaf(condition: Leaf, context: ConditionContext): Judge | undefined {
  const entered = enteredOf(context)
  const lasting = { when: sure, rise: () => costs.more, fall: costs.never }
  const passing = { when: timely, rise: () => costs.more, fall: minutesPerDay - entered.now.minute }
  if ('entries' in condition) {
    return counted(context, 'entries', condition.entries, { value: entered.total, ...lasting })
  }
  if ('daysEntered' in condition) {
    return counted(context, 'days-entered', condition.daysEntered, { value: daysEntered(entered), ...lasting })
  }
  if ('entriesToday' in condition) {
    return counted(context, 'entries-today', condition.entriesToday, { value: enteredToday(entered), ...passing })
  }
  if ('entriesSince' in condition) {
    const { time } = condition.entriesSince
    return counted(context, 'entries-since', condition.entriesSince, {
      value: enteredSince(entered, time),
      ...passing,
      also: { time },
    })
  }
  if (!('entriesBefore' in condition)) return undefined
  const { time } = condition.entriesBefore
  const value = entered.total - enteredSince(entered, time)
  return counted(context, 'entries-before', condition.entriesBefore, { value, ...passing, also: { time } })
}

function judgeOf(condition: Leaf, context: ConditionContext): Judge | undefined {
  if ('timeOfDay' in condition) return timeOfDay(context, condition.timeOfDay)
  if ('weekday' in condition) return weekday(context, condition.weekday)
  if ('date' in condition) return date(context, condition.date)
  if ('inside' in condition) return inside(context, condition.inside)
  if ('gate' in condition) return listed(context, 'gate', condition.gate, context.gate)
  if ('zone' in condition) return listed(context, 'zone', condition.zone, context.zone)
  if ('ticketType' in condition) return listed(context, 'ticket-type', condition.ticketType, context.ticketType)
  if ('minutesSinceFirstEntry' in condition) {
    return minutesSince(context, 'minutes-since-first-entry', condition.minutesSinceFirstEntry, firstEntry(context))
  }
  if ('minutesSinceLastEntry' in condition) {
    return minutesSince(context, 'minutes-since-last-entry', condition.minutesSinceLastEntry, lastEntry(context))
  }
  return countLeaf(condition, context)
}

/** Undefined for a leaf this software does not know: a newer cloud may have written it. */
export function findLeaf(condition: Leaf, context: ConditionContext, wanted: boolean): Finding | undefined {
  return judgeOf(condition, context)?.(wanted)
}
