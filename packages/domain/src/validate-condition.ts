/**
 * The wall of the rule language: whatever an organizer, an import or a feed calls a condition is checked here once, with every
 * problem named by its place. What passes is a fresh value of bounded size, safe to evaluate between a reading and a door.
 */
import type { Comparison, Condition } from './condition.ts'
import { conditionLimits as limits } from './condition-limits.ts'
import { dayNumber } from './local-time.ts'

export type Validated =
  | { readonly ok: true; readonly value: Condition }
  /** At least one, at most 20: "any[1].weekday: must be …". */
  | { readonly ok: false; readonly problems: readonly string[] }

const problemsKept = 20

interface Survey {
  nodes: number
  readonly problems: string[]
}

type Check<T> = (value: unknown, path: string, survey: Survey) => T | undefined
type Fields = Readonly<Record<string, unknown>>

function fail(survey: Survey, path: string, problem: string): undefined {
  if (survey.problems.length < problemsKept) survey.problems.push(path === '' ? problem : `${path}: ${problem}`)
  return undefined
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const under = (path: string, key: string) => (path === '' ? key : `${path}.${key}`)

function integer(least: number, most: number): Check<number> {
  return (value, path, survey) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    return fail(survey, path, `must be a whole number from ${least} to ${most}`)
  }
}

function text(isRight: (value: string) => boolean, shape: string): Check<string> {
  return (value, path, survey) =>
    typeof value === 'string' && isRight(value) ? value : fail(survey, path, `must be ${shape}`)
}

const timeOfDay = text((value) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(value), 'a time "HH:MM" from 00:00 to 23:59')
const endOfWindow = text(
  (value) => /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(value),
  'a time "HH:MM" from 00:00 to 24:00',
)
const tolerance = integer(0, 1440)

/** A real day: 30 February would silently become 1 March. */
const isDay = (value: string) => {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value)) return false
  return (
    dayNumber(value) - dayNumber(`${value.slice(0, 8)}01`) === Number(value.slice(8)) - 1 &&
    daysInMonth(value) >= Number(value.slice(8))
  )
}
const daysInMonth = (day: string) => {
  const [year = 0, month = 0] = day.split('-').map(Number)
  const next =
    month === 12
      ? `${String(year + 1).padStart(4, '0')}-01-01`
      : `${day.slice(0, 5)}${String(month + 1).padStart(2, '0')}-01`
  return dayNumber(next) - dayNumber(`${day.slice(0, 8)}01`)
}
const day = text(isDay, 'a day "YYYY-MM-DD"')

/** Checks the fields of one leaf: those of `required` must be there, no others than both may. */
function fields(
  value: unknown,
  path: string,
  survey: Survey,
  required: Record<string, Check<unknown>>,
  optional: Record<string, Check<unknown>>,
) {
  if (!isFields(value)) return fail(survey, path, 'must be an object')
  const checked: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const check = Object.hasOwn(required, key)
      ? required[key]
      : Object.hasOwn(optional, key)
        ? optional[key]
        : undefined
    if (!check) fail(survey, under(path, key), 'is not known here')
    else checked[key] = check(value[key], under(path, key), survey)
  }
  for (const key of Object.keys(required)) if (!Object.hasOwn(value, key)) fail(survey, under(path, key), 'is missing')
  return checked
}

function list<T>(item: Check<T>, shape: string): Check<readonly T[]> {
  return (value, path, survey) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > limits.listed) {
      return fail(survey, path, `must be a list of 1 to ${limits.listed} ${shape}`)
    }
    return Array.from(value, (each: unknown, index) => item(each, `${path}[${index}]`, survey) as T)
  }
}

const count = integer(0, limits.count)
const bounds = { atLeast: count, atMost: count }

function comparison(required: Record<string, Check<unknown>> = {}): Check<Comparison> {
  return (value, path, survey) => {
    const checked: { atLeast?: number; atMost?: number } | undefined = fields(value, path, survey, required, bounds)
    if (!checked) return undefined
    const { atLeast, atMost } = checked
    if (atLeast === undefined && atMost === undefined) return fail(survey, path, 'needs atLeast or atMost')
    if (atLeast !== undefined && atMost !== undefined && atLeast > atMost)
      return fail(survey, path, 'atLeast is above atMost')
    return checked
  }
}

function dates(value: unknown, path: string, survey: Survey): unknown {
  const checked = fields(value, path, survey, {}, { from: day, until: day, toleranceMin: tolerance })
  if (!checked) return undefined
  if (checked.from === undefined && checked.until === undefined) return fail(survey, path, 'needs from or until')
  const { from, until } = checked
  if (typeof from === 'string' && typeof until === 'string' && from > until)
    return fail(survey, path, 'from is after until')
  return checked
}

const name = text(
  (value) => value.length > 0 && value.length <= limits.textLength,
  `a text of 1 to ${limits.textLength} characters`,
)
const names = list(name, 'texts')
const parts = (depth: number) => list((value, path, survey) => node(value, path, survey, depth + 1), 'conditions')

const leaves: Readonly<Record<string, Check<unknown>>> = {
  timeOfDay: (value, path, survey) =>
    fields(value, path, survey, { from: timeOfDay, until: endOfWindow }, { toleranceMin: tolerance }),
  weekday: list(integer(1, 7), 'weekdays'),
  date: dates,
  entries: comparison(),
  entriesToday: comparison(),
  daysEntered: comparison(),
  entriesSince: comparison({ time: timeOfDay }),
  entriesBefore: comparison({ time: timeOfDay }),
  minutesSinceFirstEntry: comparison(),
  minutesSinceLastEntry: comparison(),
  inside: (value, path, survey) => (typeof value === 'boolean' ? value : fail(survey, path, 'must be true or false')),
  gate: names,
  zone: names,
  ticketType: names,
}

function checkOf(key: string, depth: number): Check<unknown> | undefined {
  if (key === 'all' || key === 'any') return parts(depth)
  if (key === 'not') return (value, path, survey) => node(value, path, survey, depth + 1)
  return Object.hasOwn(leaves, key) ? leaves[key] : undefined
}

function node(value: unknown, path: string, survey: Survey, depth: number): Condition | undefined {
  survey.nodes += 1
  if (survey.nodes > limits.nodes) return fail(survey, path, `is more than ${limits.nodes} conditions in all`)
  if (depth > limits.depth) return fail(survey, path, `is deeper than ${limits.depth}`)
  if (!isFields(value)) return fail(survey, path, 'must be a condition, an object with one key')
  const keys = Object.keys(value)
  const [key = ''] = keys
  if (keys.length !== 1) return fail(survey, path, 'must have exactly one key')
  const check = checkOf(key, depth)
  if (!check) return fail(survey, under(path, key.slice(0, limits.textLength)), 'is no condition')
  return { [key]: check(value[key], under(path, key), survey) } as unknown as Condition
}

/** Never throws, whatever it is given; reads each part once and keeps none of it. */
export function validateCondition(value: unknown): Validated {
  const survey: Survey = { nodes: 0, problems: [] }
  try {
    const condition = node(value, '', survey, 1)
    if (condition !== undefined && survey.problems.length === 0) return { ok: true, value: condition }
  } catch {
    // Objects with getters or proxies can throw while they are read; JSON cannot hold them, but callers can.
    fail(survey, '', 'cannot be read')
  }
  return { ok: false, problems: survey.problems }
}
