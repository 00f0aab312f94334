/**
 * The shapes of everything one ingest transaction writes. All of it is added up here in memory before the statement runs: the epoch's
 * revision guarantees that the facts are new, so what they add up to is known beforehand and the database adds sums, not rows.
 */
import { emptyColumns } from './pg-columns.ts'

export const EPOCHS = {
  epoch_ref: 'int4',
  revision: 'int4',
  through: 'int8',
  signed_to: 'int8',
  unsigned_since: 'timestamptz',
  head: 'bytea',
  forked: 'bool',
  runs: 'text',
} as const

export const PEOPLE = {
  event_ref: 'int4',
  participant_ref: 'int4',
  entries: 'int4',
  last_gate_ref: 'int4',
  last_at: 'timestamptz',
  first_at: 'timestamptz',
  day: 'int4',
  day_entries: 'int4',
  last_direction: 'int2',
  zone: 'text',
  days: 'text',
} as const

export const FACTS = {
  at: 'timestamptz',
  received_at: 'timestamptz',
  seq: 'int8',
  digest: 'uuid',
  credential: 'uuid',
  epoch_ref: 'int4',
  event_ref: 'int4',
  gate_ref: 'int4',
  participant_ref: 'int4',
  took_us: 'int4',
  method: 'int2',
  direction: 'int2',
  outcome: 'int2',
  flags: 'int2',
  reason: 'text',
  rule: 'text',
  details: 'text',
  /** Start of the window in which an earlier passage at this gate makes this one a duplicate; null: not to be asked. */
  since: 'timestamptz',
} as const

export const LOG = {
  epoch_ref: 'int4',
  seq: 'int8',
  gate_ref: 'int4',
  at: 'timestamptz',
  kind: 'text',
  digest: 'uuid',
  body: 'text',
} as const

export const PARKED = { epoch_ref: 'int4', seq: 'int8', reason: 'text', digest: 'uuid', raw: 'text' } as const

export const HOURS = {
  date: 'date',
  hour: 'int2',
  gate_ref: 'int4',
  event_ref: 'int4',
  count: 'int4',
  ble_auto: 'int4',
  qr_scan: 'int4',
  manual: 'int4',
  exits: 'int4',
  denied: 'int4',
  asked: 'int4',
  took_us: 'int8',
  took_count: 'int4',
  last_at: 'timestamptz',
} as const

export const MINUTES = {
  event_ref: 'int4',
  minute: 'timestamptz',
  entries: 'int4',
  exits: 'int4',
  denied: 'int4',
  asked: 'int4',
} as const

export const EVENTS = {
  event_ref: 'int4',
  entries: 'int4',
  exits: 'int4',
  denied: 'int4',
  asked: 'int4',
  last_at: 'timestamptz',
} as const

export const REASONS = { event_ref: 'int4', outcome: 'int2', reason: 'text', count: 'int4' } as const

export function emptyRows() {
  return {
    epochs: emptyColumns(EPOCHS),
    people: emptyColumns(PEOPLE),
    facts: emptyColumns(FACTS),
    log: emptyColumns(LOG),
    parked: emptyColumns(PARKED),
    hours: emptyColumns(HOURS),
    minutes: emptyColumns(MINUTES),
    events: emptyColumns(EVENTS),
    reasons: emptyColumns(REASONS),
  }
}

export type IngestRows = ReturnType<typeof emptyRows>
