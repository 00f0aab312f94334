/**
 * A whole feed page, signed and checked: header, body hash and signature belong together, and a gate acts on a page only when
 * all three fit the topic it came on. Being on the right topic is not trust.
 */
import { bulkBody, decodeBulk, encodeBulk } from './bulk.ts'
import { WIRE } from './codes.ts'
import { type KeyObject, sha256Hex } from './crypto.ts'
import { type FeedHeader, parseFeedHeader } from './feed.ts'
import { accept, type Parsed, refuse } from './parsed.ts'
import { signDownlink, verifyDownlink } from './sign.ts'

export type FeedHeaderDraft = Omit<FeedHeader, 'v' | 'body' | 'sig'>

export interface CheckedPage {
  readonly header: FeedHeader
  readonly lines: readonly string[]
}

/** The bytes to publish on `topic`. Throws a RangeError when the page is too large. */
export function encodeFeedPage(
  key: KeyObject,
  topic: string,
  draft: FeedHeaderDraft,
  lines: readonly string[],
): Uint8Array {
  const unsigned = { v: 1, ...draft, body: sha256Hex(bulkBody(lines)) }
  return encodeBulk({ ...unsigned, sig: signDownlink(key, topic, unsigned) }, lines)
}

/** Cheap checks first; the lines themselves are still to be parsed. */
export function decodeFeedPage(key: KeyObject, topic: string, bytes: Uint8Array): Parsed<CheckedPage> {
  const bulk = decodeBulk(bytes)
  if (!bulk.ok) return bulk
  const header = parseFeedHeader(bulk.value.header)
  if (!header.ok) return header
  if (sha256Hex(bulk.value.body) !== header.value.body) return refuse(WIRE.wrongBody, 'body hash differs')
  if (!verifyDownlink(key, topic, bulk.value.header)) return refuse(WIRE.badSignature, 'signature does not fit')
  return accept({ header: header.value, lines: bulk.value.lines })
}
