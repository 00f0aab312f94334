/**
 * Knowledge on its way back: the header of a feed page and the gate's request for one. A page is applied only when `from` is
 * the gate's cursor, in one transaction with the new cursor `to`; otherwise it is dropped and asked for again with a sync.
 */
import Type from 'typebox'
import { WIRE } from './codes.ts'
import { count, epochId, eventId, hash16, hash32, instant, maybe, signature, table, UUID, version1 } from './fields.ts'
import { feedName } from './hello.ts'
import { LIMITS } from './limits.ts'
import { type Parsed, refuse } from './parsed.ts'
import { type Input, messageParser, type Wire } from './shape.ts'

const bucketIndex = Type.Integer({ minimum: 0, maximum: LIMITS.buckets - 1 })

const covered = Type.Object({ epoch: epochId, through: count('Facts of that gate up to here are contained at `to`') })

export const feedHeader = Type.Object(
  {
    v: version1,
    event: eventId,
    feed: feedName,
    from: count('Cursor this page begins at'),
    to: count('Cursor after it'),
    head: count('Newest version'),
    more: Type.Boolean(),
    snapshot: maybe(Type.Boolean()),
    root: maybe(hash32),
    buckets: maybe(Type.Array(bucketIndex, { maxItems: LIMITS.buckets })),
    covers: maybe(table(UUID, covered, LIMITS.coversGates)),
    echo: maybe(Type.Object({ sentAt: instant })),
    body: hash32,
    sig: signature,
  },
  { title: 'feed header' },
)
export type FeedHeader = Wire<typeof feedHeader>
const headerParser = messageParser(feedHeader)

export function parseFeedHeader(input: Input): Parsed<FeedHeader> {
  const header = headerParser(input)
  if (!header.ok) return header
  const { from, to, head } = header.value
  return from > to || to > head ? refuse(WIRE.badRange, 'from, to and head are out of order') : header
}

/** "Give me that feed from my cursor"; with `buckets`, "and only where our rosters differ". */
export const syncRequest = Type.Object(
  {
    v: version1,
    event: eventId,
    feed: feedName,
    cursor: count('Where the gate stands'),
    buckets: maybe(Type.Array(hash16, { minItems: LIMITS.buckets, maxItems: LIMITS.buckets })),
    snapshot: maybe(Type.Boolean({ description: 'Go on with the snapshot I have staged up to `cursor`' })),
    sentAt: instant,
  },
  { title: 'sync' },
)
export type SyncRequest = Wire<typeof syncRequest>
export const parseSyncRequest = messageParser(syncRequest)
