/**
 * The first message of every connection: which journal the gate keeps, how far it was acknowledged, where its feeds stand. The
 * cloud answers with an ack for that epoch. A `lastSeq` below what the cloud holds for the same epoch means a restored or
 * cloned disk: that ack carries `newEpoch`, and the gate goes on in a new epoch.
 */
import Type from 'typebox'
import { count, epochId, eventId, hash32, instant, maybe, oneOf, text, uuid, version1 } from './fields.ts'
import { messageParser, type Wire } from './shape.ts'

export const feedName = oneOf(['roster', 'presence'], 'Which change feed')
export type FeedName = 'roster' | 'presence'

export const feedPosition = Type.Object({
  event: eventId,
  feed: feedName,
  cursor: count('Version up to which the gate has applied the feed'),
  root: maybe(hash32),
  rows: maybe(count('Rows held')),
})
export type FeedPosition = Wire<typeof feedPosition>

export const hello = Type.Object(
  {
    v: version1,
    software: text(128, 'Name and version of the program'),
    protocol: Type.Array(Type.Integer({ minimum: 1, maximum: 1000 }), { minItems: 1, maxItems: 16 }),
    boot: uuid,
    epoch: epochId,
    lastSeq: count('Last entry in the journal, 0 when empty'),
    head: maybe(hash32),
    ackedSeq: count('Last entry known to be acknowledged'),
    feeds: Type.Array(feedPosition, { maxItems: 32 }),
    sentAt: instant,
  },
  { title: 'hello' },
)
export type Hello = Wire<typeof hello>
export const parseHello = messageParser(hello)
