/**
 * Codes that people hold up and that are not tickets of this event: an advertisement, a ticket from another shop, one that looks
 * right and was signed by somebody else for something else.
 */
import { encodeTicket, privateKeyFromSeed } from '@gatehouse/protocol'

export const SOUP = 'https://soup.example/tomato-soup-of-the-day?two-for-one=yes&buy=now&come=again'

const hexOf = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')

/** A token as other ticket shops print them; this event has never heard of it. */
export const unknownToken = (random: () => number): string => `SHOP-${hexOf(random, 20).toUpperCase()}`

/** A well-made ticket of an event elsewhere. */
export function ticketOfOtherEvent(random: () => number): string {
  const key = privateKeyFromSeed(Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256)))
  const [a, b] = [hexOf(random, 8), hexOf(random, 12)]
  const fields = { keyId: 1, eventId: `${a}-0000-7000-8000-${b}`, ticket: hexOf(random, 20) }
  return encodeTicket({ ...fields, class: 0, flags: 0, notBefore: 0, notAfter: 0 }, key)
}
