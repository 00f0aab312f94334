/**
 * The hash chain over journal lines: h(n) = SHA-256(h(n−1) ‖ bytes of line n). A signature over one head covers every line
 * before it, so a line that is changed, dropped or moved afterwards is seen.
 */
import { sha256Hex, sha256Of } from './crypto.ts'

/** h(0). */
export const GENESIS: Uint8Array = new Uint8Array(32)

/** The line is the exact bytes sent, without the line end. */
export function chainHash(prev: Uint8Array, line: string | Uint8Array): Uint8Array {
  return sha256Of(prev, line)
}

/** First 16 bytes of SHA-256 over a line, hex: tells a repetition from another line under the same number. */
export function digestOf(line: string | Uint8Array): string {
  return sha256Hex(line).slice(0, 32)
}
