/**
 * The only acknowledgement there is: the cloud sends it after its COMMIT. `through` promises that all of 1..through of that
 * epoch are durable; the gate forgets nothing beyond it. `newEpoch` tells a gate that the cloud has more of this epoch than it.
 */
import Type from 'typebox'
import { count, epochId, instant, maybe, ordinal, version1 } from './fields.ts'
import { messageParser, type Wire } from './shape.ts'

export const ack = Type.Object(
  {
    v: version1,
    epoch: epochId,
    through: count('All of 1..through are committed'),
    parked: Type.Array(ordinal('Stored raw because it could not be used'), { maxItems: 10_000 }),
    serverTime: instant,
    echo: Type.Object({ sentAt: instant }),
    newEpoch: maybe(Type.Boolean()),
  },
  { title: 'ack' },
)
export type Ack = Wire<typeof ack>
export const parseAck = messageParser(ack)
