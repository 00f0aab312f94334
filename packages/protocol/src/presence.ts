/**
 * Lines of the presence feed: what happened to a participant so far, as the cloud folded it. The latest line per participant
 * wins. A passage that no gate made (recorded over HTTP without one) carries the nil UUID as `lastGate`.
 */
import Type from 'typebox'
import { count, DATE, gateId, instant, maybe, oneOf, participantId, table, text } from './fields.ts'
import type { Parsed } from './parsed.ts'
import { lineParser, shapeOf, type Wire } from './shape.ts'

export const presenceLine = Type.Object(
  {
    kind: Type.Literal('presence'),
    id: participantId,
    inside: Type.Boolean(),
    zone: maybe(text(128, 'Where')),
    entries: count('Entries in total'),
    lastAt: instant,
    lastGate: gateId,
    lastDirection: oneOf(['entry', 'exit'], 'Which way'),
    firstAt: maybe(instant),
    days: maybe(table(DATE, count('Entries that day'), 100)),
  },
  { title: 'presence' },
)
export type PresenceLine = Wire<typeof presenceLine>

export const parsePresenceLine: (text: string | Uint8Array) => Parsed<PresenceLine> = lineParser(
  new Map([['presence', shapeOf(presenceLine)]]),
)
