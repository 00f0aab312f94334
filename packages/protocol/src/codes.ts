/**
 * Every reason for which bytes from outside are refused, declared once. The code is stable: it is counted, stored beside
 * parked entries and looked up by operators, so a meaning may be worded better here but never be changed or reused.
 */

export const WIRE = {
  /** Longer than the protocol allows (256 KiB a message, 4 KiB a line). Check what the sender puts into free fields. */
  tooLong: 'GH-WIRE-001',
  /** Not valid UTF-8. Usually another program publishes on this topic, or the bytes were damaged on the way. */
  notUtf8: 'GH-WIRE-002',
  /** Not one JSON object. NaN, Infinity, comments, trailing commas and a byte order mark are not JSON either. */
  notJson: 'GH-WIRE-003',
  /** JSON that is dangerous to keep: nested deeper than 32, a key `__proto__`, a NUL or half a surrogate pair in a text. */
  unsafeJson: 'GH-WIRE-004',
  /** A required field is missing or has the wrong type or range; the detail names the place. */
  wrongShape: 'GH-WIRE-005',
  /** `v` is not a version that this program speaks. Normal for a while after the other side was updated first. */
  unknownVersion: 'GH-WIRE-006',
  /** `kind` is not one this program knows. The line is intact; a newer program can read it from where it was parked. */
  unknownKind: 'GH-WIRE-007',
  /** A bulk message without header, with an empty line, or whose last line has no line end: probably cut off. */
  badFraming: 'GH-WIRE-008',
  /** The numbers of a header contradict each other (from > to, to > head). */
  badRange: 'GH-WIRE-009',
  /** The bytes after the header do not have the hash that the header names. */
  wrongBody: 'GH-WIRE-010',
  /** The signature does not fit the message, the topic or the key pinned at pairing. Treat as forged. */
  badSignature: 'GH-WIRE-011',
  /** A QR code that is neither a ticket nor an opaque token: wrong length. */
  ticketSize: 'GH-WIRE-020',
  /** Letters that are not in the ticket alphabet: lower case, I, L, O, U, spaces or anything that is not ASCII. */
  ticketAlphabet: 'GH-WIRE-021',
  /** A ticket of a version that this program does not know. Update the gate. */
  ticketVersion: 'GH-WIRE-022',
} as const

export type WireCode = (typeof WIRE)[keyof typeof WIRE]
