/**
 * The frame of bulk messages: a header object and then lines, each ended by a line feed. Hashes are over the bytes as sent, so
 * the receiver gets the body untouched beside the lines, and nothing is ever written again to be checked.
 */
import { WIRE } from './codes.ts'
import { decodeUtf8, encodeUtf8, isJsonObject, type JsonObject, readJsonObject } from './json.ts'
import { LIMITS } from './limits.ts'
import { accept, type Parsed, refuse } from './parsed.ts'

const LINE_FEED = 10

export interface Bulk {
  /** A JSON object; parse it with the header's own parser. */
  readonly header: JsonObject
  readonly lines: string[]
  /** All bytes after the header's line feed. */
  readonly body: Uint8Array
}

/** Throws a RangeError when a limit is broken or a line contains a line feed: the sender cuts its batches before. */
export function encodeBulk(header: object, lines: readonly string[]): Uint8Array {
  if (!isJsonObject(header)) throw new TypeError('a bulk header is an object')
  const all = [JSON.stringify(header), ...lines]
  for (const line of all) {
    if (line === '' || line.includes('\n')) throw new RangeError('a line is not empty and has no line feed')
    if (line.length * 3 > LIMITS.lineBytes && encodeUtf8(line).length > LIMITS.lineBytes) {
      throw new RangeError(`a line has at most ${LIMITS.lineBytes} bytes`)
    }
  }
  const bytes = encodeUtf8(`${all.join('\n')}\n`)
  if (bytes.length > LIMITS.messageBytes) throw new RangeError(`a message has at most ${LIMITS.messageBytes} bytes`)
  return bytes
}

/** The bytes that a header's `body` hash is computed over. */
export function bulkBody(lines: readonly string[]): Uint8Array {
  return encodeUtf8(lines.map((line) => `${line}\n`).join(''))
}

export function decodeBulk(bytes: Uint8Array): Parsed<Bulk> {
  if (bytes.length > LIMITS.messageBytes) return refuse(WIRE.tooLong, `more than ${LIMITS.messageBytes} bytes`)
  const framing = framingProblem(bytes)
  if (framing) return framing
  const headerEnd = bytes.indexOf(LINE_FEED)
  const header = readJsonObject(bytes.subarray(0, headerEnd), LIMITS.lineBytes)
  if (!header.ok) return header
  const body = bytes.subarray(headerEnd + 1)
  const text = decodeUtf8(body)
  if (!text.ok) return text
  const lines = text.value === '' ? [] : text.value.slice(0, -1).split('\n')
  return accept({ header: header.value, lines, body })
}

function framingProblem(bytes: Uint8Array) {
  if (bytes.length === 0 || bytes[bytes.length - 1] !== LINE_FEED)
    return refuse(WIRE.badFraming, 'no line end at the end')
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf(LINE_FEED, start)
    if (end === start) return refuse(WIRE.badFraming, 'an empty line')
    if (end - start > LIMITS.lineBytes) return refuse(WIRE.tooLong, `a line of more than ${LIMITS.lineBytes} bytes`)
    start = end + 1
  }
  return undefined
}
