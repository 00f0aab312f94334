/**
 * The QR ticket, GT1: 90 bytes that a gate can believe without asking anybody. Decoding is strict and cheap (size, alphabet,
 * version, in that order); whether the key is known, the signature holds and the time is right is asked afterwards.
 */
import { decodeBase32, encodeBase32 } from './base32.ts'
import { WIRE } from './codes.ts'
import { type KeyObject, sha256, signEd25519, verifyEd25519 } from './crypto.ts'
import { fromHex, toHex } from './hex.ts'
import { encodeUtf8 } from './json.ts'
import { accept, type Parsed, type Refused, refuse } from './parsed.ts'

const PREFIX = 'GT1:'
const BODY = 26
const LETTERS = 144
const VERSION = 1
const CONTEXT = encodeUtf8('gatehouse.ticket.v1\0')
const OPAQUE = /^[\x20-\x7e]{16,64}$/

/** The flag of a ticket that belongs to staff. */
export const STAFF_FLAG = 0x10

export interface TicketFields {
  /** 0–65535. */
  readonly keyId: number
  /** First 4 bytes of SHA-256 over the event id, hex; see eventTag. */
  readonly eventTag: string
  /** 10 bytes, hex: the canonical credential. */
  readonly ticket: string
  /** 0–15. */
  readonly class: number
  /** The high nibble of its byte: 0x00, 0x10 … 0xf0. */
  readonly flags: number
  /** Unix seconds, 0 = none. */
  readonly notBefore: number
  readonly notAfter: number
}

export interface Ticket extends TicketFields {
  readonly staff: boolean
  /** The 26 bytes that are signed, and the 64 bytes of the signature. */
  readonly body: Uint8Array
  readonly signature: Uint8Array
}

export interface NewTicket extends Omit<TicketFields, 'eventTag'> {
  readonly eventId: string
}

/** What a ticket's body says about its event: 8 hex digits. */
export function eventTag(eventId: string): string {
  return toHex(sha256(eventId).subarray(0, 4))
}

/** The text for the QR code. Throws a RangeError on fields that do not fit. */
export function encodeTicket(fields: NewTicket, privateKey: KeyObject): string {
  const body = writeBody(fields)
  const bytes = new Uint8Array(BODY + 64)
  bytes.set(body)
  bytes.set(signEd25519(privateKey, signedBytes(body)), BODY)
  return PREFIX + encodeBase32(bytes)
}

/** Reads the text of a QR code; trailing CR and LF of scanners are accepted, nothing else. */
export function decodeTicket(text: string): Parsed<Ticket> {
  const bare = withoutLineEnd(text)
  if (bare.length !== PREFIX.length + LETTERS) return refuse(WIRE.ticketSize, `${bare.length} characters`)
  if (!bare.startsWith(PREFIX)) return refuse(WIRE.ticketAlphabet, 'no GT1: in front')
  const bytes = decodeBase32(bare.slice(PREFIX.length))
  if (!bytes) return refuse(WIRE.ticketAlphabet, 'a character that tickets do not have')
  if (bytes[0] !== VERSION) return refuse(WIRE.ticketVersion, `version ${bytes[0]}`)
  return accept(readTicket(bytes))
}

/** Whether this ticket was signed with that key. The caller has found the key by `keyId`. */
export function verifyTicket(ticket: Ticket, publicKey: KeyObject): boolean {
  return verifyEd25519(publicKey, signedBytes(ticket.body), ticket.signature)
}

export type QrText =
  | { readonly kind: 'gt1'; readonly ticket: Ticket }
  /** A token of another ticket shop: 16 to 64 printable ASCII characters, looked up by pseudonym only. */
  | { readonly kind: 'opaque'; readonly token: string }
  | { readonly kind: 'unreadable'; readonly code: Refused['code'] }

/** What a scanned text is. Never throws, whatever was scanned. */
export function classifyQrText(text: string): QrText {
  const bare = withoutLineEnd(text)
  if (!bare.startsWith(PREFIX) && OPAQUE.test(bare)) return { kind: 'opaque', token: bare }
  const ticket = decodeTicket(bare)
  return ticket.ok ? { kind: 'gt1', ticket: ticket.value } : { kind: 'unreadable', code: ticket.code }
}

function writeBody(fields: NewTicket): Uint8Array {
  const body = new Uint8Array(BODY)
  const view = new DataView(body.buffer)
  const id = fromHex(fields.ticket)
  if (id.length !== 10) throw new RangeError('a ticket id has 10 bytes')
  if ((fields.flags & 0xf0) !== fields.flags) throw new RangeError('flags are a high nibble')
  view.setUint8(0, VERSION)
  view.setUint16(1, within(fields.keyId, 0xffff, 'keyId'))
  body.set(fromHex(eventTag(fields.eventId)), 3)
  body.set(id, 7)
  view.setUint8(17, fields.flags | within(fields.class, 15, 'class'))
  view.setUint32(18, within(fields.notBefore, 0xffff_ffff, 'notBefore'))
  view.setUint32(22, within(fields.notAfter, 0xffff_ffff, 'notAfter'))
  return body
}

function readTicket(bytes: Uint8Array): Ticket {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const classAndFlags = view.getUint8(17)
  return {
    keyId: view.getUint16(1),
    eventTag: toHex(bytes.subarray(3, 7)),
    ticket: toHex(bytes.subarray(7, 17)),
    class: classAndFlags & 0x0f,
    flags: classAndFlags & 0xf0,
    staff: (classAndFlags & STAFF_FLAG) !== 0,
    notBefore: view.getUint32(18),
    notAfter: view.getUint32(22),
    body: bytes.subarray(0, BODY),
    signature: bytes.subarray(BODY),
  }
}

function signedBytes(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CONTEXT.length + body.length)
  bytes.set(CONTEXT)
  bytes.set(body, CONTEXT.length)
  return bytes
}

function withoutLineEnd(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '\r' || text[end - 1] === '\n')) end -= 1
  return text.slice(0, end)
}

function within(value: number, atMost: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > atMost) throw new RangeError(`${name} is 0 to ${atMost}`)
  return value
}
