/**
 * Lines of the roster feed: what the organizer wants. The bytes of a participant or rules line are what the set hash is
 * computed over, so the cloud writes them as canonical JSON and the gate keeps the text as it came.
 */
import { validateCondition } from '@gatehouse/domain'
import Type from 'typebox'
import { WIRE } from './codes.ts'
import { condition } from './condition.ts'
import {
  count,
  credentialKey,
  eventId,
  instant,
  maybe,
  oneOf,
  participantId,
  shortText,
  table,
  text,
  UUID,
} from './fields.ts'
import { type Parsed, refuse } from './parsed.ts'
import { lineParser, type Shape, shapeOf, type Wire } from './shape.ts'

const names = Type.Array(text(128, 'Name'), { maxItems: 100 })

const credential = Type.Object({
  kind: oneOf(['qr', 'badge'], 'What is presented'),
  key: credentialKey,
  status: oneOf(['active', 'revoked'], 'Whether it still opens'),
})

export const participantLine = Type.Object(
  {
    kind: Type.Literal('participant'),
    id: participantId,
    status: oneOf(['active', 'cancelled', 'blocked'], 'Of the registration'),
    name: maybe(Type.String()),
    ticketType: text(128, 'Ticket type'),
    zones: names,
    validFrom: maybe(instant),
    validUntil: maybe(instant),
    entryPolicy: oneOf(['once', 're-entry', 'unlimited'], 'How often'),
    maxEntries: maybe(count('Entries in total')),
    hold: maybe(oneOf(['not-paid', 'not-approved'], 'Registered, but not to be admitted yet')),
    credentials: Type.Array(credential, { maxItems: 32 }),
    attention: maybe(Type.String()),
  },
  { title: 'participant' },
)
export type ParticipantLine = Wire<typeof participantLine>

const gateRule = Type.Object({
  name: maybe(Type.String()),
  zone: maybe(text(128, 'Zone entered here')),
  ticketTypes: maybe(names),
  condition: maybe(condition),
  elsewhere: maybe(Type.String()),
})
const ticketTypeRule = Type.Object({
  name: maybe(Type.String()),
  condition: maybe(condition),
  attention: maybe(Type.String()),
})
const zoneRule = Type.Object({
  id: text(128, 'Zone'),
  name: maybe(Type.String()),
  capacity: maybe(count('People')),
  badgeAdmits: maybe(Type.Boolean()),
})
const ticketKey = Type.Object({
  id: Type.Integer({ minimum: 0, maximum: 65_535 }),
  publicKey: Type.String({ pattern: '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$', description: 'Raw Ed25519, base64' }),
  notAfter: maybe(instant),
})
const policies = Type.Object({
  signedUnknown: maybe(oneOf(['admit', 'ask', 'deny'], 'A valid signature without a roster row')),
  full: maybe(oneOf(['ask', 'deny'], 'A full zone or event')),
  antiPassback: maybe(Type.Boolean()),
})

export const rulesLine = Type.Object(
  {
    kind: Type.Literal('rules'),
    id: eventId,
    name: maybe(Type.String()),
    timeZone: maybe(text(64, 'IANA zone')),
    startsAt: maybe(instant),
    endsAt: maybe(instant),
    graceSec: maybe(count('Before the start and after the end')),
    duplicateWindowSec: maybe(count('Same participant, same gate')),
    repeatWindowSec: maybe(count('The same reading again')),
    capacity: maybe(count('People in the event')),
    zones: maybe(Type.Array(zoneRule, { maxItems: 200 })),
    gates: maybe(table(UUID, gateRule, 200)),
    ticketTypes: maybe(table(shortText(128), ticketTypeRule, 200)),
    policies: maybe(policies),
    ticketKeys: maybe(Type.Array(ticketKey, { maxItems: 16 })),
    rollingBadges: maybe(Type.Object({ first: count('Lowest badge number'), last: count('Highest badge number') })),
  },
  { title: 'rules' },
)
export type RulesLine = Wire<typeof rulesLine>

export const removeLine = Type.Object(
  { kind: Type.Literal('remove'), of: Type.Literal('participant'), id: participantId },
  { title: 'remove' },
)
export type RemoveLine = Wire<typeof removeLine>

export type RosterLine = ParticipantLine | RulesLine | RemoveLine

const outerRules = shapeOf(rulesLine)

/** Rules that a gate cannot evaluate must not replace those it can. */
const rulesShape: Shape<RulesLine> = (value) => {
  const rules = outerRules(value)
  if (!rules.ok) return rules
  const parts = [...Object.values(rules.value.gates ?? {}), ...Object.values(rules.value.ticketTypes ?? {})]
  for (const { condition } of parts) {
    const checked = condition ? validateCondition(condition) : undefined
    if (checked && !checked.ok) return refuse(WIRE.wrongShape, `condition ${checked.problems[0]}`)
  }
  return rules
}

export const parseRosterLine: (text: string | Uint8Array) => Parsed<RosterLine> = lineParser<RosterLine>(
  new Map<unknown, Shape<RosterLine>>([
    ['participant', shapeOf(participantLine)],
    ['rules', rulesShape],
    ['remove', shapeOf(removeLine)],
  ]),
)
