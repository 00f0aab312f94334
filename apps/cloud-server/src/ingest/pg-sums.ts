/**
 * What a batch adds to the statistics: one row per hour and gate, minute, event and reason, each in key order. Hours and
 * minutes are cut in UTC.
 */
import type { KnownEvent } from './pg-refs.ts'
import type { IngestRows } from './pg-rows.ts'

export interface Counted {
  readonly at: number
  readonly direction: number
  readonly outcome: number
  readonly method: number
  /** Null where nobody waited. */
  readonly tookUs: number | null
  readonly reason: string | undefined
  readonly gateRef: number
  readonly event: KnownEvent
}

interface Sum {
  entries: number
  byMethod: [number, number, number]
  exits: number
  denied: number
  asked: number
  tookUs: number
  tookCount: number
  lastAt: number
}

interface Keyed extends Sum {
  readonly gateRef: number
  readonly eventRef: number
  /** Start of the hour or minute, Unix ms; 0 where it does not matter. */
  readonly from: number
}

export interface Sums {
  readonly hours: Map<string, Keyed>
  readonly minutes: Map<string, Keyed>
  readonly events: Map<string, Keyed>
  readonly reasons: Map<string, { eventRef: number; outcome: number; reason: string; count: number }>
  add(counted: Counted): void
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

export function createSums(): Sums {
  const hours = new Map<string, Keyed>()
  const minutes = new Map<string, Keyed>()
  const events = new Map<string, Keyed>()
  const reasons: Sums['reasons'] = new Map()
  return {
    hours,
    minutes,
    events,
    reasons,
    add(counted) {
      const { at, gateRef, event } = counted
      // Facts come gate by gate and minute by minute: what has the same gate and minute as the one before is added in one place.
      const minute = at - mod(at, MINUTE_MS)
      const hour = at - mod(at, HOUR_MS)
      addTo(slot(hours, hour, gateRef, event.ref), counted)
      addTo(slot(minutes, minute, 0, event.ref), counted)
      addTo(slot(events, 0, 0, event.ref), counted)
      if (counted.outcome !== 0) countReason(reasons, counted)
    },
  }
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by
}

function slot(sums: Map<string, Keyed>, from: number, gateRef: number, eventRef: number): Keyed {
  const key = `${from}/${gateRef}/${eventRef}`
  let sum = sums.get(key)
  if (!sum) {
    sum = {
      from,
      gateRef,
      eventRef,
      entries: 0,
      byMethod: [0, 0, 0],
      exits: 0,
      denied: 0,
      asked: 0,
      tookUs: 0,
      tookCount: 0,
      lastAt: 0,
    }
    sums.set(key, sum)
  }
  return sum
}

function addTo(sum: Sum, { at, direction, outcome, method, tookUs }: Counted): void {
  if (outcome === 1) sum.denied += 1
  else if (outcome === 2) sum.asked += 1
  else if (direction === 1) sum.exits += 1
  else {
    sum.entries += 1
    sum.byMethod[method as 0 | 1 | 2] += 1
  }
  if (tookUs !== null) {
    sum.tookUs += tookUs
    sum.tookCount += 1
  }
  if (at > sum.lastAt) sum.lastAt = at
}

function countReason(reasons: Sums['reasons'], { outcome, reason = 'none', event }: Counted): void {
  const key = `${event.ref}/${outcome}/${reason}`
  const known = reasons.get(key)
  if (known) known.count += 1
  else reasons.set(key, { eventRef: event.ref, outcome, reason, count: 1 })
}

function inOrder(sums: Map<string, Keyed>): Keyed[] {
  return [...sums.values()].sort((a, b) => a.from - b.from || a.gateRef - b.gateRef || a.eventRef - b.eventRef)
}

export function addSums(rows: IngestRows, sums: Sums): void {
  for (const sum of inOrder(sums.hours)) addHour(rows, sum)
  for (const sum of inOrder(sums.minutes)) addMinute(rows, sum)
  for (const sum of inOrder(sums.events)) addEvent(rows, sum)
  const reasons = [...sums.reasons.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [, { eventRef, outcome, reason, count }] of reasons) {
    rows.reasons.values.event_ref.push(eventRef)
    rows.reasons.values.outcome.push(outcome)
    rows.reasons.values.reason.push(reason)
    rows.reasons.values.count.push(count)
  }
}

function addHour({ hours: { values } }: IngestRows, sum: Keyed): void {
  values.date.push(Math.floor(sum.from / 86_400_000))
  values.hour.push(mod(sum.from, 86_400_000) / HOUR_MS)
  values.gate_ref.push(sum.gateRef)
  values.event_ref.push(sum.eventRef)
  values.count.push(sum.entries)
  values.ble_auto.push(sum.byMethod[0])
  values.qr_scan.push(sum.byMethod[1])
  values.manual.push(sum.byMethod[2])
  values.exits.push(sum.exits)
  values.denied.push(sum.denied)
  values.asked.push(sum.asked)
  values.took_us.push(sum.tookUs)
  values.took_count.push(sum.tookCount)
  values.last_at.push(sum.lastAt)
}

function addMinute({ minutes: { values } }: IngestRows, sum: Keyed): void {
  values.event_ref.push(sum.eventRef)
  values.minute.push(sum.from)
  values.entries.push(sum.entries)
  values.exits.push(sum.exits)
  values.denied.push(sum.denied)
  values.asked.push(sum.asked)
}

function addEvent({ events: { values } }: IngestRows, sum: Keyed): void {
  values.event_ref.push(sum.eventRef)
  values.entries.push(sum.entries)
  values.exits.push(sum.exits)
  values.denied.push(sum.denied)
  values.asked.push(sum.asked)
  values.last_at.push(sum.lastAt)
}
