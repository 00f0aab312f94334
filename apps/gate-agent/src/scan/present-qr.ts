/**
 * From the text of a QR code to what was presented, before any look into the roster. The order of checks is that of the
 * protocol (§9): size, alphabet, version, key known, signature, event; time and roster row are asked by the decision. It
 * promises to answer every text, never to throw, and never to let the text itself go any further.
 */
import type { KeyObject } from 'node:crypto'
import type { EventId, Presented, TicketKey } from '@gatehouse/domain'
import { classifyQrText, eventTag, pseudonym, publicKeyFromRaw, type Ticket, verifyTicket } from '@gatehouse/protocol'

export interface QrKnowledge {
  readonly event: EventId
  readonly pepper: Uint8Array
  /**
   * Of the event's rules. A key that was taken out of use is known until its `notAfter`. Undefined while no rules have arrived:
   * then a ticket cannot be verified and counts as unsigned, for staff to decide.
   */
  readonly ticketKeys: readonly TicketKey[] | undefined
  /** Unix ms. */
  readonly at: number
}

export function presentQr(text: string, known: QrKnowledge): Presented {
  const read = classifyQrText(text)
  switch (read.kind) {
    case 'unreadable':
      return { kind: 'unreadable', why: 'unreadable' }
    case 'opaque':
      return { kind: 'credential', of: 'qr', key: pseudonym(known.pepper, 'qr', read.token) }
    case 'gt1':
      return presentTicket(read.ticket, known)
  }
}

function presentTicket(ticket: Ticket, { event, pepper, ticketKeys, at }: QrKnowledge): Presented {
  const credential = { kind: 'credential', of: 'qr', key: pseudonym(pepper, 'qr', ticket.ticket) } as const
  if (!ticketKeys) return credential
  const key = ticketKeys.find(({ id, notAfter }) => id === ticket.keyId && (notAfter === undefined || at <= notAfter))
  const publicKey = key && keyObject(key.publicKey)
  // Refused in any case; but who stands at the wrong event is told so, and not that their ticket is forged.
  const isOurs = ticket.eventTag === eventTag(event)
  if (!publicKey) return { kind: 'unreadable', why: isOurs ? 'unknown-key' : 'other-event' }
  if (!verifyTicket(ticket, publicKey)) return { kind: 'unreadable', why: isOurs ? 'bad-signature' : 'other-event' }
  if (!isOurs) return { kind: 'unreadable', why: 'other-event' }
  const { keyId, class: ticketClass, staff, notBefore, notAfter } = ticket
  return { ...credential, signed: { keyId, class: ticketClass, staff, notBefore, notAfter } }
}

/** Keys change once in an event and are needed for each ticket. */
const keyObjects = new Map<string, KeyObject>()
const KEPT = 64

function keyObject(base64: string): KeyObject | undefined {
  const kept = keyObjects.get(base64)
  if (kept) return kept
  try {
    const key = publicKeyFromRaw(Buffer.from(base64, 'base64'))
    if (keyObjects.size >= KEPT) keyObjects.clear()
    keyObjects.set(base64, key)
    return key
  } catch {
    // The roster's schema lets only 32 bytes through, but not every 32 bytes are a key.
    return undefined
  }
}
