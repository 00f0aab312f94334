/**
 * What a batch does to presence: one row per person, folded in memory. Two passages of one person in one batch are compared here, with
 * those before the batch the statement compares.
 */
import type { ColumnValue } from './pg-arrays.ts'
import { ASK_DOUBLE, FLAG } from './pg-flags.ts'
import type { KnownEvent, KnownGate } from './pg-refs.ts'
import type { IngestRows } from './pg-rows.ts'

export interface AdmittedPassage {
  /** Row among the facts. */
  readonly index: number
  readonly at: number
  /** 0 entry, 1 exit. */
  readonly direction: number
  readonly participant: number
  readonly gate: KnownGate
  readonly event: KnownEvent
}

interface Person {
  readonly participant: number
  readonly event: KnownEvent
  readonly passages: AdmittedPassage[]
}

export interface Crowd {
  readonly people: Map<number, Person>
  add(passage: AdmittedPassage, flags: ColumnValue[]): void
}

/** Participant references stay below 2^31, so this is unique and exact. */
const EVENT_STEP = 2 ** 31

export function createCrowd(): Crowd {
  const people = new Map<number, Person>()
  return {
    people,
    add(passage, flags) {
      const key = passage.event.ref * EVENT_STEP + passage.participant
      const person = people.get(key)
      if (person) person.passages.push(passage)
      else people.set(key, { participant: passage.participant, event: passage.event, passages: [passage] })
      if (person && person.passages.length > 1) settleOrder(person, flags)
      else if (passage.direction === 0 && passage.event.antiPassback) mark(flags, passage.index, ASK_DOUBLE)
    },
  }
}

/** Only the earliest passage in the batch asks the database; each later one follows one that is here. */
function settleOrder({ passages, event }: Person, flags: ColumnValue[]): void {
  passages.sort((a, b) => a.at - b.at || a.gate.ref - b.gate.ref || a.index - b.index)
  passages.forEach((passage, place) => {
    const before = passages[place - 1]
    const isDuplicate = passages
      .slice(0, place)
      .some(
        (other) =>
          other.gate.ref === passage.gate.ref &&
          other.direction === passage.direction &&
          other.at >= passage.at - event.windowMs,
      )
    const mayDouble = passage.direction === 0 && event.antiPassback
    unmark(flags, passage.index, ASK_DOUBLE | FLAG.duplicate | FLAG.doubleEntry)
    if (isDuplicate) mark(flags, passage.index, FLAG.duplicate)
    if (mayDouble && !before) mark(flags, passage.index, ASK_DOUBLE)
    if (mayDouble && before?.direction === 0) mark(flags, passage.index, FLAG.doubleEntry)
  })
}

function mark(flags: ColumnValue[], index: number, bits: number): void {
  flags[index] = (flags[index] as number) | bits
}

function unmark(flags: ColumnValue[], index: number, bits: number): void {
  flags[index] = (flags[index] as number) & ~bits
}

/** In key order: that is the order in which the statement takes the locks. */
export function addPeople(rows: IngestRows, { people }: Crowd): void {
  const keys = [...people.keys()].sort((a, b) => a - b)
  for (const key of keys) addPerson(rows, people.get(key) as Person)
}

function addPerson({ people: { values } }: IngestRows, { participant, event, passages }: Person): void {
  const last = passages.at(-1) as AdmittedPassage
  const entries = passages.filter((passage) => passage.direction === 0)
  const { day, count, earlier } = daysOf(entries, event)
  values.event_ref.push(event.ref)
  values.participant_ref.push(participant)
  values.entries.push(entries.length)
  values.last_gate_ref.push(last.gate.ref)
  values.last_at.push(last.at)
  values.first_at.push(entries[0]?.at ?? null)
  values.day.push(day)
  values.day_entries.push(count)
  values.last_direction.push(last.direction)
  values.zone.push(last.gate.zone)
  values.days.push(earlier)
}

/** Entries of the latest local day, and of the days before it as {"YYYY-MM-DD": n}. */
function daysOf(
  entries: readonly AdmittedPassage[],
  event: KnownEvent,
): { day: number | null; count: number; earlier: string | null } {
  if (entries.length === 0) return { day: null, count: 0, earlier: null }
  if (entries.length === 1) return { day: event.dayOf((entries[0] as AdmittedPassage).at), count: 1, earlier: null }
  const days = entries.map((entry) => event.dayOf(entry.at))
  const day = Math.max(...days)
  const before: Record<string, number> = {}
  for (const other of days) {
    if (other === day) continue
    const name = new Date(other * 86_400_000).toISOString().slice(0, 10)
    before[name] = (before[name] ?? 0) + 1
  }
  const count = days.filter((other) => other === day).length
  return { day, count, earlier: count === days.length ? null : JSON.stringify(before) }
}
