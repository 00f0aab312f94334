/**
 * A message of `up/journal` after reading and before judging: header, lines and their hashes. What cannot even be read this far has
 * no numbers, so it cannot be acknowledged; it is only kept and alerted.
 */
import {
  chainHash,
  decodeBulk,
  fromHex,
  type JournalHeader,
  type Parsed,
  parseJournalHeader,
  toHex,
} from '@gatehouse/protocol'

export interface JournalMessage {
  readonly header: JournalHeader
  /** Empty for numbers that the gate parked itself. */
  readonly lines: readonly string[]
  readonly body: Uint8Array
}

/** More numbers than this in one message are nobody's batch. */
export const longestMessage = 10_000

export type ReadMessage =
  | { readonly ok: true; readonly message: JournalMessage }
  | { readonly ok: false; readonly code: string; readonly detail: string }

export function readJournalMessage(bytes: Uint8Array): ReadMessage {
  const bulk = decodeBulk(bytes)
  if (!bulk.ok) return bulk
  const header: Parsed<JournalHeader> = parseJournalHeader(bulk.value.header)
  if (!header.ok) return header
  const { from, to } = header.value
  if (to - from + 1 > longestMessage) return { ok: false, code: 'GH-INGEST-010', detail: 'the range is too long' }
  return { ok: true, message: { header: header.value, lines: bulk.value.lines, body: bulk.value.body } }
}

export interface Chain {
  /** Entry i is h(from − 1 + i), so the first is the header's `prev`. */
  readonly hashes: readonly Uint8Array[]
  /** Whether the lines lead from the header's `prev` to its `head`. */
  readonly isWhole: boolean
}

/** The chain as the lines themselves have it. Missing lines leave their place to the header's head. */
export function chainOf({ header, lines }: JournalMessage): Chain {
  let last: Uint8Array = fromHex(header.prev)
  const hashes = [last]
  const count = header.to - header.from + 1
  const head = lines.length < count ? fromHex(header.head) : last
  for (let index = 0; index < count; index += 1) {
    const line = lines[index]
    last = line === undefined ? head : chainHash(last, line)
    hashes.push(last)
  }
  const isWhole = lines.length === count && toHex(last) === header.head
  return { hashes, isWhole }
}

/** First 16 bytes, hex. */
export function digestOfHash(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, 16).toString('hex')
}
