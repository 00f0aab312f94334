/**
 * The only acknowledgement there is: the cloud sends it after its COMMIT. `through` promises that all of 1..through of that
 * epoch are durable; the gate forgets nothing beyond it. `newEpoch` tells a gate that the cloud has more of this epoch than it;
 * `head` = h(through) lets the gate see that it holds the very entries that were committed.
 */
import Type from 'typebox'
import { count, epochId, hash32, instant, maybe, ordinal, version1 } from './fields.ts'
import { messageParser, type Wire } from './shape.ts'

export const ack = Type.Object(
  {
    v: version1,
    epoch: epochId,
    through: count('All of 1..through are committed'),
    parked: Type.Array(ordinal('Stored raw because it could not be used'), { maxItems: 10_000 }),
    serverTime: instant,
    /** Of the message that is answered; a gate measures delay and clock with it. */
    echo: Type.Object({
      sentAt: instant,
      from: maybe(ordinal('First seq')),
      to: maybe(ordinal('Last seq')),
      head: maybe(hash32),
    }),
    head: maybe(hash32),
    newEpoch: maybe(Type.Boolean()),
  },
  { title: 'ack' },
)
export type Ack = Wire<typeof ack>
export const parseAck = messageParser(ack)
