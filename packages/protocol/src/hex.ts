/**
 * Lower-case hex, the spelling of hashes and ids on the wire. Reading is strict, since two spellings of one value would be
 * two values to everything that compares texts.
 */
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Of each character code up to that of the last digit; -1 for those that are none. */
const values = Int8Array.from({ length: 103 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += digits[byte]
  return text
}

/** Throws a RangeError on anything but an even number of lower-case hex digits; parse input from outside first. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >>> 1)
  let wrong = text.length & 1
  for (let at = 0; at < bytes.length; at += 1) {
    const high = values[text.charCodeAt(at * 2)] ?? -1
    const low = values[text.charCodeAt(at * 2 + 1)] ?? -1
    wrong |= (high | low) < 0 ? 1 : 0
    bytes[at] = (high << 4) | low
  }
  if (wrong) throw new RangeError('not lower-case hex')
  return bytes
}
