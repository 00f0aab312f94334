/**
 * What is signed, byte by byte. The gate signs heads of its journal; the organization's downlink key signs everything that
 * tells a gate what to do, together with the topic, so that a message replayed elsewhere is worthless.
 */
import { canonicalJson } from './canonical.ts'
import { fromBase64, type KeyObject, signEd25519, toBase64, verifyEd25519 } from './crypto.ts'
import { encodeUtf8 } from './json.ts'

/** Signature over `to` = the last seq and `headHex` = h(to), base64. */
export function signHead(privateKey: KeyObject, epoch: string, to: number, headHex: string): string {
  return toBase64(signEd25519(privateKey, headBytes(epoch, to, headHex)))
}

export function verifyHead(publicKey: KeyObject, epoch: string, to: number, headHex: string, sig: string): boolean {
  const signature = fromBase64(sig)
  return signature !== undefined && verifyEd25519(publicKey, headBytes(epoch, to, headHex), signature)
}

function headBytes(epoch: string, to: number, headHex: string): Uint8Array {
  return encodeUtf8(`gatehouse.journal.v1\0${epoch}\0${to}\0${headHex}`)
}

/** Signature of a feed header, desired document or command; a `sig` already in it is left out. */
export function signDownlink(privateKey: KeyObject, topic: string, message: object): string {
  return toBase64(signEd25519(privateKey, downlinkBytes(topic, message)))
}

/** Unknown fields are covered too. False, never an exception, whatever the message holds. */
export function verifyDownlink(publicKey: KeyObject, topic: string, message: object): boolean {
  const sig: unknown = 'sig' in message ? message.sig : undefined
  const signature = typeof sig === 'string' ? fromBase64(sig) : undefined
  if (!signature) return false
  try {
    return verifyEd25519(publicKey, downlinkBytes(topic, message), signature)
  } catch {
    return false
  }
}

function downlinkBytes(topic: string, message: object): Uint8Array {
  return encodeUtf8(`gatehouse.downlink.v1\0${topic}\0${canonicalJson({ ...message, sig: undefined })}`)
}
