/** The live numbers as they leave the API; the same values travel over the WebSocket. */
import Type from 'typebox'
import { Direction, GateDirection, Id, Instant, Method, nullable, strict } from './schemas.ts'

const Whole = Type.Integer()
const ByMethod = strict({ ble_auto: Whole, qr_scan: Whole, manual: Whole })
const Trend = Type.Union([Type.Literal('rising'), Type.Literal('steady'), Type.Literal('falling')])
const GateState = Type.Union([
  Type.Literal('online'),
  Type.Literal('away'),
  Type.Literal('never'),
  Type.Literal('revoked'),
])
const Outcome = Type.Union([Type.Literal('admit'), Type.Literal('deny'), Type.Literal('ask')])

export const GateNumbersSchema = strict({
  id: Id,
  name: Type.String(),
  zone: nullable(Type.String()),
  lane: Type.String(),
  direction: GateDirection,
  state: GateState,
  since: nullable(Instant),
  unsent: nullable(Whole),
  oldestUnsentAt: nullable(Instant),
  rosterCursor: nullable(Whole),
  rosterHead: Whole,
  rosterBehindSince: nullable(Instant),
  presenceCursor: nullable(Whole),
  presenceHead: Whole,
  rosterOk: nullable(Type.Boolean()),
  clockTrust: nullable(Type.String()),
  problems: Type.Array(strict({ name: Type.String(), detail: Type.Optional(Type.String()) })),
  parked: Whole,
  total: Whole,
  unique: Whole,
  today: Whole,
  denied: Whole,
  byMethod: ByMethod,
  averageMs: nullable(Type.Number()),
  lastAt: nullable(Instant),
  perMinute: Type.Number(),
  capacityPerMinute: Whole,
  load: Type.Number({ description: 'Records of 5 minutes ÷ (capacity per minute × 5)' }),
  waitSec: Whole,
})

export const OverviewSchema = strict({
  event: strict({
    id: Id,
    name: Type.String(),
    timeZone: Type.String(),
    startsAt: nullable(Instant),
    endsAt: nullable(Instant),
    capacity: nullable(Whole),
  }),
  at: Instant,
  totals: strict({
    participants: Whole,
    arrived: Whole,
    rate: Type.Number(),
    inside: Whole,
    entries: Whole,
    exits: Whole,
    denied: Whole,
    asked: Whole,
    doubleEntries: Whole,
    perMinute: Type.Number(),
    trend: Trend,
    lastAt: nullable(Instant),
  }),
  denials: Type.Array(strict({ reason: Type.String(), count: Whole })),
  gates: Type.Array(GateNumbersSchema),
  hours: Type.Array(
    strict({ at: Instant, total: Whole, byMethod: ByMethod, byGate: Type.Record(Type.String(), Whole) }),
  ),
  minutes: Type.Array(strict({ at: Instant, entries: Whole, exits: Whole })),
})

export const ScanSchema = strict({
  id: Type.String(),
  at: Type.Integer(),
  gate: Id,
  gateName: Type.String(),
  lane: nullable(Type.String()),
  direction: Direction,
  via: Type.Union([Type.Literal('ble'), Type.Literal('qr'), Type.Literal('manual')]),
  method: Method,
  outcome: Outcome,
  reason: nullable(Type.String()),
  participant: nullable(Id),
  name: nullable(Type.String()),
  ticketType: nullable(Type.String()),
  offline: Type.Boolean(),
  flags: Type.Array(Type.String()),
})

const Place = strict({ gate: Id, gateName: Type.String(), at: Type.Integer() })
export const DoubleEntrySchema = strict({
  id: Id,
  participant: Id,
  name: nullable(Type.String()),
  ticketType: nullable(Type.String()),
  first: Place,
  second: Place,
})
