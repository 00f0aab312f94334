/**
 * Knowledge on its way up. A journal message is a header and the exact lines the gate stored: a gap-free sequence per epoch,
 * chained by hash. A line is a fact; the cloud stores every one it can read, and parks what it cannot, with the code from here.
 */
import Type, { type Static } from 'typebox'
import { WIRE } from './codes.ts'
import {
  count,
  credentialKey,
  epochId,
  eventId,
  hash32,
  instant,
  maybe,
  oneOf,
  ordinal,
  participantId,
  safeInteger,
  signature,
  text,
  uuid,
  version1,
} from './fields.ts'
import { type Parsed, refuse } from './parsed.ts'
import { type Frozen, type Input, lineParser, messageParser, type Shape, shapeOf, type Wire } from './shape.ts'

export const journalHeader = Type.Object(
  {
    v: version1,
    epoch: epochId,
    from: ordinal('First seq'),
    to: ordinal('Last seq'),
    prev: hash32,
    head: hash32,
    lane: oneOf(['live', 'backlog'], 'Live entries go before backlog'),
    skipped: maybe(Type.Boolean({ description: 'No lines follow: the gate parked them itself' })),
    sentAt: instant,
    sig: maybe(signature),
  },
  { title: 'journal header' },
)
export type JournalHeader = Wire<typeof journalHeader>
const headerParser = messageParser(journalHeader)

export function parseJournalHeader(input: Input): Parsed<JournalHeader> {
  const header = headerParser(input)
  if (header.ok && header.value.from > header.value.to) return refuse(WIRE.badRange, 'from is after to')
  return header
}

export const clockReading = Type.Object({
  trust: oneOf(['synced', 'holdover', 'unknown'], 'How far the wall clock may be believed'),
  offsetMs: safeInteger,
  errorMs: safeInteger,
})

const everyLine = {
  seq: ordinal('Place in the epoch'),
  at: instant,
  monoMs: count('Milliseconds of a clock that never jumps, since boot'),
  boot: uuid,
  clock: clockReading,
  /** The same fact stood there before; it was written again because another disk had used its number. */
  was: maybe(Type.Object({ epoch: epochId, seq: ordinal('Place in that epoch') })),
}

/** Gates send `{staff, note}`; the protocol leaves it open, so a bare note or `true` is understood as well. */
const override = Type.Union([
  Type.Object({ staff: maybe(text(128, 'Who')), note: maybe(text(2000, 'Why')) }),
  text(2000, 'Why'),
  Type.Boolean(),
])

export const decisionLine = Type.Object(
  {
    ...everyLine,
    kind: Type.Literal('decision'),
    event: eventId,
    lane: text(64, 'Lane of the gate'),
    direction: oneOf(['entry', 'exit'], 'Which way'),
    via: oneOf(['ble', 'qr', 'manual'], 'How it was read'),
    credential: credentialKey,
    participant: maybe(participantId),
    outcome: oneOf(['admit', 'deny', 'ask'], 'The answer'),
    reason: maybe(text(64, 'Reason code')),
    rule: maybe(text(64, 'Rule that answered')),
    rosterCursor: count('Roster version known then'),
    presenceCursor: count('Presence version known then'),
    tookUs: count('Microseconds from reading to decision'),
    staff: maybe(text(128, 'Who stood at the gate')),
    override: maybe(override),
    offline: Type.Boolean(),
    rssi: maybe(Type.Integer({ minimum: -128, maximum: 127, description: 'dBm' })),
    location: maybe(Type.Unknown()),
    deviceInfo: maybe(Type.Unknown()),
  },
  { title: 'decision' },
)

export const undoLine = Type.Object(
  {
    ...everyLine,
    kind: Type.Literal('undo'),
    of: ordinal('Seq of the decision taken back'),
    ofEpoch: maybe(epochId),
    staff: text(128, 'Who'),
    note: Type.String(),
  },
  { title: 'undo' },
)

export const passageLine = Type.Object(
  {
    ...everyLine,
    kind: Type.Literal('passage'),
    of: ordinal('Seq of the decision that let them pass'),
    ofEpoch: maybe(epochId),
  },
  { title: 'passage' },
)

export const doorLine = Type.Object(
  {
    ...everyLine,
    kind: Type.Literal('door'),
    state: oneOf(['released', 'locked', 'forced', 'held-open', 'fault', 'free-passage'], 'What the door is now'),
    lane: maybe(text(64, 'Lane of the gate')),
  },
  { title: 'door' },
)

export const staffLine = Type.Object(
  {
    ...everyLine,
    kind: Type.Literal('staff'),
    action: oneOf(['login', 'logout', 'pin-failed'], 'What they did'),
    staff: maybe(text(128, 'Who')),
  },
  { title: 'staff' },
)

export const systemLine = Type.Object(
  {
    ...everyLine,
    kind: Type.Literal('system'),
    what: text(64, 'start, stop, clock-jump, feed-applied, config-applied, degraded, recovered, update, …'),
    details: maybe(Type.Unknown()),
  },
  { title: 'system' },
)

export type DecisionLine = Frozen<Static<typeof decisionLine>>
export type UndoLine = Frozen<Static<typeof undoLine>>
export type PassageLine = Frozen<Static<typeof passageLine>>
export type DoorLine = Frozen<Static<typeof doorLine>>
export type StaffLine = Frozen<Static<typeof staffLine>>
export type SystemLine = Frozen<Static<typeof systemLine>>
export type JournalLine = DecisionLine | UndoLine | PassageLine | DoorLine | StaffLine | SystemLine

type Unnumbered<Line> = Line extends JournalLine ? Omit<Line, 'seq'> : never
/** What the gate hands to its journal, which gives the number. */
export type JournalEntry = Unnumbered<JournalLine>

export const parseJournalLine: (text: string | Uint8Array) => Parsed<JournalLine> = lineParser<JournalLine>(
  new Map<unknown, Shape<JournalLine>>([
    ['decision', shapeOf(decisionLine)],
    ['undo', shapeOf(undoLine)],
    ['passage', shapeOf(passageLine)],
    ['door', shapeOf(doorLine)],
    ['staff', shapeOf(staffLine)],
    ['system', shapeOf(systemLine)],
  ]),
)

/** The text that is hashed, stored and sent, without its line end. `seq` stands first so that people can find it. */
export function encodeJournalLine(seq: number, entry: JournalEntry): string {
  return JSON.stringify({ seq, ...entry })
}
