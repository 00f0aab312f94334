/**
 * How an API key looks and is compared. `gk_live_` + 32 base62 characters (190 random bits) + 6 characters of CRC-32: a scanner
 * for leaked secrets can find it, and a mistyped one is refused without asking the database. Only SHA-256 is stored.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

export type RandomBytes = (count: number) => Uint8Array

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const PREFIX = 'gk_live_'
const SHAPE = /^gk_live_[0-9A-Za-z]{38}$/

/** Makes a new key; the caller shows it once and stores `hashSecret` of it. */
export function makeKey(randomBytes: RandomBytes): string {
  const body = PREFIX + randomBase62(32, randomBytes)
  return body + checksum(body)
}

export function isKey(text: string): boolean {
  return SHAPE.test(text) && checksum(text.slice(0, -6)) === text.slice(-6)
}

/** What may be shown of a key in lists and logs. */
export function keyPrefix(key: string): string {
  return key.slice(0, PREFIX.length + 4)
}

/** One-time tokens and sessions: 32 base62 characters, told from keys by having no prefix. */
export function makeToken(randomBytes: RandomBytes): string {
  return randomBase62(32, randomBytes)
}

export function isToken(text: string): boolean {
  return /^[0-9A-Za-z]{32}$/.test(text)
}

/** SHA-256; enough for secrets of 190 bits, which nobody can guess offline. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest()
}

export function isSameHash(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function checksum(text: string): string {
  let rest = crc32(text)
  let out = ''
  for (let place = 0; place < 6; place += 1) {
    out = `${ALPHABET.charAt(rest % 62)}${out}`
    rest = Math.floor(rest / 62)
  }
  return out
}

/** Bytes of 248 and above are thrown away, so that every character is equally likely. */
function randomBase62(length: number, randomBytes: RandomBytes): string {
  let out = ''
  while (out.length < length) {
    for (const byte of randomBytes(length)) if (byte < 248 && out.length < length) out += ALPHABET.charAt(byte % 62)
  }
  return out
}
