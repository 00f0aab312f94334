/**
 * The wire form of the closed rule language. Everywhere else unknown fields are ignored; here they are refused, because a
 * condition that a gate half understands would admit people whom the organizer meant to stop. The schema is the outer form, for
 * readers and other languages; `validateCondition` of the domain has the last word.
 */
import type { Condition } from '@gatehouse/domain'
import Type, { type TProperties } from 'typebox'
import { DATE, maybe, text, timeOfDay } from './fields.ts'

const number = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const toleranceMin = Type.Integer({ minimum: 0, maximum: 1440 })
const comparison = { atLeast: maybe(number), atMost: maybe(number) }
const endOfWindow = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$', description: 'HH:MM or 24:00' })
const date = Type.String({ pattern: DATE, description: 'YYYY-MM-DD' })
const names = Type.Array(text(128, 'Name'), { minItems: 1, maxItems: 64 })

function closed<const Fields extends TProperties>(fields: Fields) {
  return Type.Object(fields, { additionalProperties: false })
}

const compared = closed(comparison)
const comparedTo = closed({ ...comparison, time: timeOfDay })
const several = Type.Array(Type.Ref('Condition'), { minItems: 1, maxItems: 64 })

export const condition = Type.Unsafe<Condition>(
  Type.Cyclic(
    {
      Condition: Type.Union([
        closed({ all: several }),
        closed({ any: several }),
        closed({ not: Type.Ref('Condition') }),
        closed({ timeOfDay: closed({ from: timeOfDay, until: endOfWindow, toleranceMin: maybe(toleranceMin) }) }),
        closed({ weekday: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 64 }) }),
        closed({ date: closed({ from: maybe(date), until: maybe(date), toleranceMin: maybe(toleranceMin) }) }),
        closed({ entries: compared }),
        closed({ entriesToday: compared }),
        closed({ daysEntered: compared }),
        closed({ entriesSince: comparedTo }),
        closed({ entriesBefore: comparedTo }),
        closed({ minutesSinceFirstEntry: compared }),
        closed({ minutesSinceLastEntry: compared }),
        closed({ inside: Type.Boolean() }),
        closed({ gate: names }),
        closed({ zone: names }),
        closed({ ticketType: names }),
      ]),
    },
    'Condition',
  ),
)
