/**
 * Makes the pages of both feeds: lines, their hash in the header, the organization's signature over header and topic. A page never
 * exceeds the message limit; what is numbered in one go is cut into pages that join.
 */
import { createHash } from 'node:crypto'
import type { EventId, OrgId } from '@gatehouse/domain'
import { bulkBody, encodeBulk, type FeedHeader, type FeedName, LIMITS, toHex } from '@gatehouse/protocol'

/** Signs for the organization: the signature (base64) over this header on this topic. */
export type SignPage = (org: OrgId, topic: string, header: object) => string

export type PageHead = Omit<FeedHeader, 'v' | 'event' | 'feed' | 'body' | 'sig'>

export interface PageOf {
  readonly org: OrgId
  readonly event: EventId
  readonly feed: FeedName
  readonly topic: string
  readonly sign: SignPage
}

/** Lines of a page may take so many bytes; the header has the rest. */
export const pageBytes = LIMITS.messageBytes - 8 * 1024

export function encodePage(of: PageOf, head: PageHead, lines: readonly string[]): Uint8Array {
  const body = toHex(createHash('sha256').update(bulkBody(lines)).digest())
  const header = { v: 1, event: of.event, feed: of.feed, ...head, body }
  return encodeBulk({ ...header, sig: of.sign(of.org, of.topic, header) }, lines)
}

/** Consecutive parts of the lines that each fit into one page; always at least one, perhaps empty, part. */
export function cutLines(lines: readonly string[], atMostBytes = pageBytes): readonly (readonly string[])[] {
  const parts: string[][] = [[]]
  let bytes = 0
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1
    if (bytes + size > atMostBytes && bytes > 0) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push(line)
    bytes += size
  }
  return parts
}
