/**
 * Crockford base32 without its leniency: upper case only, no padding, no look-alikes. One value has one spelling, so a copied
 * ticket cannot be made to look like another one.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const values = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]))

/** Whole groups only: 5 bytes become 8 letters. */
export function encodeBase32(bytes: Uint8Array): string {
  if (bytes.length % 5 !== 0) throw new RangeError('base32 is written in groups of 5 bytes')
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((held >> (bits - 5)) & 31)
    held &= (1 << bits) - 1
  }
  return text
}

/** Undefined on any letter outside the alphabet, or when the length is not whole groups of 8. */
export function decodeBase32(text: string): Uint8Array | undefined {
  if (text.length % 8 !== 0) return undefined
  const bytes = new Uint8Array((text.length / 8) * 5)
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of text) {
    const value = values.get(letter)
    if (value === undefined) return undefined
    held = (held << 5) | value
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = held >> bits
    held &= (1 << bits) - 1
  }
  return bytes
}
