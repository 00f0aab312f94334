/**
 * The wire form of the closed rule language. Everywhere else unknown fields are ignored; here they are refused, because a
 * condition that a gate half understands would admit people whom the organizer meant to stop.
 */
import type { Condition } from '@gatehouse/domain'
import Type, { type TProperties } from 'typebox'
import { DATE, maybe, text, timeOfDay, uuid } from './fields.ts'

const number = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const toleranceMin = Type.Integer({ minimum: 0, maximum: 1440 })
const comparison = { atLeast: maybe(number), atMost: maybe(number) }
const date = Type.String({ pattern: DATE, description: 'YYYY-MM-DD' })
const names = Type.Array(text(64, 'Name'), { minItems: 1, maxItems: 200 })

function closed<const Fields extends TProperties>(fields: Fields) {
  return Type.Object(fields, { additionalProperties: false })
}

const compared = closed(comparison)
const comparedTo = closed({ ...comparison, time: timeOfDay })
const several = Type.Array(Type.Ref('Condition'), { maxItems: 50 })

export const condition = Type.Unsafe<Condition>(
  Type.Cyclic(
    {
      Condition: Type.Union([
        closed({ all: several }),
        closed({ any: several }),
        closed({ timeOfDay: closed({ from: timeOfDay, until: timeOfDay, toleranceMin: maybe(toleranceMin) }) }),
        closed({ weekday: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 7 }) }),
        closed({ date: closed({ from: maybe(date), until: maybe(date), toleranceMin: maybe(toleranceMin) }) }),
        closed({ entries: compared }),
        closed({ entriesToday: compared }),
        closed({ daysEntered: compared }),
        closed({ entriesSince: comparedTo }),
        closed({ entriesBefore: comparedTo }),
        closed({ minutesSinceFirstEntry: compared }),
        closed({ minutesSinceLastEntry: compared }),
        closed({ inside: Type.Boolean() }),
        closed({ gate: Type.Array(uuid, { maxItems: 200 }) }),
        closed({ zone: names }),
        closed({ ticketType: names }),
      ]),
    },
    'Condition',
  ),
)
