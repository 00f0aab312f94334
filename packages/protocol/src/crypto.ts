/**
 * The one file that asks Node for cryptography: SHA-256, HMAC, HKDF and Ed25519, over bytes and texts (as UTF-8). Everything
 * else in this package is pure and also runs in a browser; a web twin of this file would have the same exports.
 */
import { createPrivateKey, createPublicKey, hash, hkdfSync, type KeyObject, sign, verify } from 'node:crypto'
import { fromHex } from './hex.ts'
import { encodeUtf8 } from './json.ts'

export type { KeyObject }

/** Bytes that SHA-256 takes at a time. */
const BLOCK = 64
const SPKI_ED25519 = fromHex('302a300506032b6570032100')
const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420')

export function sha256(data: string | Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer')
}

/** SHA-256 as 64 hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/** SHA-256 over one after the other. Joined first: one short hash costs two thirds of a Hash object that is fed twice. */
export function sha256Of(first: Uint8Array, second: string | Uint8Array): Uint8Array {
  const start = first.length
  const joined = Buffer.allocUnsafe(start + second.length * 3)
  joined.set(first)
  if (typeof second !== 'string') joined.set(second, start)
  const length = typeof second === 'string' ? joined.write(second, start) : second.length
  return sha256(joined.subarray(0, start + length))
}

/**
 * HMAC-SHA256 out of one-shot hashes: seven times as fast as an Hmac object for messages of a few bytes, which is what fills a
 * rolling index or names a hundred thousand imported credentials.
 */
export function hmacSha256(key: Uint8Array, data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === 'string' ? encodeUtf8(data) : data
  const short = key.length > BLOCK ? sha256(key) : key
  return sha256(padded(short, 0x5c, sha256(padded(short, 0x36, bytes))))
}

function padded(key: Uint8Array, pad: number, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(BLOCK + message.length).fill(pad, 0, BLOCK)
  for (const [at, byte] of key.entries()) bytes[at] = byte ^ pad
  bytes.set(message, BLOCK)
  return bytes
}

/** HKDF-SHA256 with an empty salt. */
export function hkdfSha256(key: Uint8Array, info: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), info, length))
}

export function signEd25519(key: KeyObject, message: Uint8Array): Uint8Array {
  return sign(null, message, key)
}

/** False for anything that is not a valid signature by an Ed25519 key, whatever it is instead. */
export function verifyEd25519(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || key.asymmetricKeyType !== 'ed25519') return false
  try {
    return verify(null, message, key, signature)
  } catch {
    return false
  }
}

/** Base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Undefined unless the text is the one canonical spelling of its bytes. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** A public key from its 32 raw bytes or their hex. Throws when it has another length: keys come from pairing, not strangers. */
export function publicKeyFromRaw(raw: string | Uint8Array): KeyObject {
  const key = wrapped(SPKI_ED25519, raw)
  return createPublicKey({ key, format: 'der', type: 'spki' })
}

/** A private key from its 32-byte seed or the hex of it. Throws when it has another length. */
export function privateKeyFromSeed(seed: string | Uint8Array): KeyObject {
  const key = wrapped(PKCS8_ED25519, seed)
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** The 32 raw bytes of an Ed25519 key's public half. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length))
}

function wrapped(prefix: Uint8Array, raw: string | Uint8Array): Buffer {
  const bytes = typeof raw === 'string' ? fromHex(raw) : raw
  if (bytes.length !== 32) throw new RangeError('an Ed25519 key has 32 bytes')
  return Buffer.concat([prefix, bytes])
}
