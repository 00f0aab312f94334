/**
 * Numbers of the roster feed. Under the lock of the event's head row, what is pending is read in its latest state, gets the next
 * versions and is added to the bucket sums; the row before is taken out of them. So versions have no gaps, follow commit order, and
 * the root is always that of the rows.
 */
import type { EventId, ParticipantId } from '@gatehouse/domain'
import {
  bucketOf,
  bucketsFromHex,
  bucketsToHex,
  differingBuckets,
  emptyBuckets,
  rootOf,
  rowHash,
} from '@gatehouse/protocol'
import type { Connection } from '../db/pool.ts'
import type { Writer } from '../db/writer.ts'
import { participantLines, removalLine, rulesLine } from './pg-roster-lines.ts'
import type { FeedRows } from './ports.ts'

interface Head {
  readonly head: number
  readonly buckets: bigint[]
}

interface Pending {
  readonly id: number
  readonly kind: 'participant' | 'rules'
  readonly of: string
  readonly urgency: number
}

interface Row {
  readonly kind: string
  readonly id: string
  readonly line: string
  readonly removed: boolean
  readonly hash: bigint
}

const MASK = (1n << 128n) - 1n
/** A participant with a ticket and a badge takes 350. Where lines are shorter, pages are; reading far more than fits costs more. */
const USUAL_LINE_BYTES = 300

/** Numbers at most `limit` changes; undefined when nothing pending makes a difference. */
export function numberRoster(
  writer: Writer,
  event: EventId,
  limit: number,
): Promise<(FeedRows & { from: number }) | undefined> {
  return writer.transaction(async (connection) => {
    const { head, buckets } = await lockHead(connection, event)
    for (;;) {
      const pending = await takePending(connection, event, limit)
      if (pending.length === 0) return undefined
      const rows = await changedRows(connection, event, pending, buckets)
      if (rows.length === 0) continue
      const root = rootOf(buckets)
      const to = head + rows.length
      await store(connection, event, head, rows, { buckets, root })
      const more = await isPending(connection, event)
      return { lines: rows.map(({ line }) => line), from: head, to, head: to, more, root }
    }
  })
}

async function lockHead(connection: Connection, event: EventId): Promise<Head> {
  await connection.query({
    name: 'roster-head-made',
    text: `INSERT INTO roster.heads (event, feed) VALUES ($1, 'roster') ON CONFLICT DO NOTHING`,
    values: [event],
  })
  const { rows } = await connection.query<{ head: number; buckets: Buffer | null }>({
    name: 'roster-head-locked',
    text: `SELECT head, buckets FROM roster.heads WHERE event = $1 AND feed = 'roster' FOR UPDATE`,
    values: [event],
  })
  const row = rows[0]
  return { head: row?.head ?? 0, buckets: row?.buckets ? bucketsFromHex(sumsOf(row.buckets)) : emptyBuckets() }
}

function sumsOf(bytes: Buffer): string[] {
  return Array.from({ length: bytes.length / 16 }, (_, index) => bytes.toString('hex', index * 16, index * 16 + 16))
}

/**
 * Takes rights away first and adds people last: an import never keeps a revocation waiting. All that is noted about a row goes at once:
 * its state is read afterwards, and an import notes everybody twice (the person, then the credentials).
 */
async function takePending(connection: Connection, event: EventId, limit: number): Promise<Pending[]> {
  const { rows } = await connection.query<Pending>({
    name: 'roster-pending-taken',
    text: `DELETE FROM roster.pending WHERE event = $1
        AND of = ANY(ARRAY(SELECT of FROM roster.pending WHERE event = $1 ORDER BY urgency, id LIMIT $2))
      RETURNING id, kind, of, urgency`,
    values: [event, limit],
  })
  // The database returns what it deleted in no particular order.
  return rows.sort((a, b) => a.urgency - b.urgency || a.id - b.id)
}

async function isPending(connection: Connection, event: EventId): Promise<boolean> {
  const { rows } = await connection.query<{ more: boolean }>({
    name: 'roster-pending-left',
    text: 'SELECT EXISTS (SELECT FROM roster.pending WHERE event = $1) AS more',
    values: [event],
  })
  return rows[0]?.more === true
}

/** The present lines of what is pending, without those that are as they were; `buckets` are brought up to date. */
async function changedRows(
  connection: Connection,
  event: EventId,
  pending: readonly Pending[],
  buckets: bigint[],
): Promise<Row[]> {
  const ids = [...new Set(pending.flatMap(({ kind, of }) => (kind === 'participant' ? [of] : [])))]
  const lines = ids.length > 0 ? await participantLines(connection, ids as ParticipantId[]) : new Map<string, string>()
  const rules = pending.some(({ kind }) => kind === 'rules') ? await rulesLine(connection, event) : undefined
  const known = await knownRows(connection, event, rules === undefined ? ids : [...ids, event])
  const rows: Row[] = []
  const consider = (kind: string, id: string, line: string | undefined) => {
    const before = known.get(`${kind}:${id}`)
    const hash = line === undefined ? 0n : rowHash(line)
    if (hash === (before?.removed === false ? before.hash : 0n)) return
    const bucket = bucketOf(kind, id)
    const sum = (buckets[bucket] ?? 0n) + hash - (before?.removed === false ? before.hash : 0n)
    buckets[bucket] = sum & MASK
    rows.push({ kind, id, line: line ?? removalLine(id), removed: line === undefined, hash })
  }
  if (rules !== undefined) consider('rules', event, rules)
  for (const id of ids) consider('participant', id, lines.get(id))
  return rows
}

async function knownRows(
  connection: Connection,
  event: EventId,
  ids: readonly string[],
): Promise<Map<string, { removed: boolean; hash: bigint }>> {
  const { rows } = await connection.query<{ kind: string; id: string; removed: boolean; row_hash: Buffer | null }>({
    name: 'roster-rows-known',
    text: `SELECT kind, id, removed, row_hash FROM roster.feed WHERE event = $1 AND kind IN ('participant', 'rules') AND id = ANY($2::uuid[])`,
    values: [event, ids],
  })
  return new Map(
    rows.map((row) => [
      `${row.kind}:${row.id}`,
      { removed: row.removed, hash: row.row_hash ? BigInt(`0x${row.row_hash.toString('hex')}`) : 0n },
    ]),
  )
}

async function store(
  connection: Connection,
  event: EventId,
  head: number,
  rows: readonly Row[],
  { buckets, root }: { buckets: readonly bigint[]; root: string },
): Promise<void> {
  await connection.query({
    name: 'roster-rows-stored',
    text: `INSERT INTO roster.feed (event, kind, id, version, bucket, removed, row_hash, line)
      SELECT $1, kind, id, $2::bigint + n, bucket, removed, decode(hash, 'hex'), line
      FROM unnest($3::text[], $4::uuid[], $5::int2[], $6::bool[], $7::text[], $8::text[]) WITH ORDINALITY AS r (kind, id, bucket, removed, hash, line, n)
      ON CONFLICT (event, kind, id) DO UPDATE SET version = excluded.version, removed = excluded.removed,
        row_hash = excluded.row_hash, line = excluded.line`,
    values: [
      event,
      head,
      rows.map(({ kind }) => kind),
      rows.map(({ id }) => id),
      rows.map(({ kind, id }) => bucketOf(kind, id)),
      rows.map(({ removed }) => removed),
      rows.map(({ hash }) => hash.toString(16).padStart(32, '0')),
      rows.map(({ line }) => line),
    ],
  })
  await connection.query({
    name: 'roster-head-moved',
    text: `UPDATE roster.heads SET head = $2, root = $3, buckets = $4 WHERE event = $1 AND feed = 'roster'`,
    values: [event, head + rows.length, root, Buffer.from(bucketsToHex(buckets).join(''), 'hex')],
  })
}

interface PageRow {
  readonly head: number
  readonly root: string | null
  readonly version: number | null
  readonly line: string | null
}

/** One statement, so that head, root and lines are of one instant. */
export async function rosterAfter(
  connection: Connection,
  event: EventId,
  cursor: number,
  atMostBytes: number,
): Promise<FeedRows> {
  const { rows } = await connection.query<PageRow>({
    name: 'roster-after',
    text: `SELECT h.head, h.root, f.version, f.line FROM roster.heads h
      LEFT JOIN LATERAL (SELECT version, line FROM roster.feed WHERE event = $1 AND version > $2 ORDER BY version LIMIT $3) f ON true
      WHERE h.event = $1 AND h.feed = 'roster'`,
    values: [event, cursor, Math.ceil(atMostBytes / USUAL_LINE_BYTES)],
  })
  const head = rows[0]?.head ?? 0
  const { lines, to, more } = cutAt(rows, atMostBytes, head)
  const root = rows[0]?.root
  return { lines, to, head, more, ...(more || !root ? {} : { root }) }
}

/** As many rows as fit, at least one; a version whose line is empty takes no room. */
export function cutAt(
  rows: readonly { version: number | null; line: string | null }[],
  atMostBytes: number,
  head: number,
) {
  const lines: string[] = []
  let bytes = 0
  let last = 0
  for (const { version, line } of rows) {
    if (version === null || line === null) continue
    if (line !== '') {
      bytes += Buffer.byteLength(line) + 1
      if (bytes > atMostBytes && lines.length > 0) break
      lines.push(line)
    }
    last = version
  }
  const more = last > 0 && last < head
  return { lines, to: more ? last : head, more }
}

export async function rosterDiffering(writer: Writer, event: EventId, theirs: readonly string[], atMostBytes: number) {
  return writer.transaction(async (connection) => {
    await connection.query({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' })
    const { rows } = await connection.query<{ head: number; root: string | null; buckets: Buffer | null }>({
      text: `SELECT head, root, buckets FROM roster.heads WHERE event = $1 AND feed = 'roster'`,
      values: [event],
    })
    const { head = 0, root = null, buckets: stored = null } = rows[0] ?? {}
    const ours = stored ? sumsOf(stored) : bucketsToHex(emptyBuckets())
    const different = differingBuckets(ours, theirs)
    const chosen = await fitting(connection, event, different, atMostBytes)
    const found = await connection.query<{ line: string }>({
      text: 'SELECT line FROM roster.feed WHERE event = $1 AND NOT removed AND bucket = ANY($2::int2[]) ORDER BY version',
      values: [event, chosen],
    })
    const more = chosen.length < different.length
    const lines = found.rows.map(({ line }) => line)
    return { lines, to: head, head, more, buckets: chosen, ...(more || root === null ? {} : { root }) }
  })
}

async function fitting(
  connection: Connection,
  event: EventId,
  buckets: readonly number[],
  atMostBytes: number,
): Promise<number[]> {
  const { rows } = await connection.query<{ bucket: number; bytes: number }>({
    text: `SELECT bucket::int, sum(octet_length(line) + 1) AS bytes FROM roster.feed
      WHERE event = $1 AND NOT removed AND bucket = ANY($2::int2[]) GROUP BY bucket`,
    values: [event, buckets],
  })
  const bytesOf = new Map(rows.map(({ bucket, bytes }) => [bucket, bytes]))
  let sum = 0
  return buckets.filter((bucket, place) => {
    sum += bytesOf.get(bucket) ?? 0
    return place === 0 || sum <= atMostBytes
  })
}
