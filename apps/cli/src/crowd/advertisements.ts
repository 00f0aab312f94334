/**
 * The bytes that badges and phones send, as lines for a gate's socket. Badges roll: their id changes with time and is made with
 * the event's badge key, as the real ones do. Phones are what a radio mostly hears, and are no badges.
 */
import { encodeRollingBadge, rollingId, rollingStep } from '@gatehouse/protocol'

/** Lower-case hex with colons; the two top bits say "random, static". */
export function randomAddress(random: () => number): string {
  const bytes = Array.from({ length: 6 }, () => Math.floor(random() * 256))
  bytes[0] = (bytes[0] ?? 0) | 0xc0
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

const lineOf = (at: number, addr: string, rssi: number, ad: Uint8Array): string =>
  JSON.stringify({ at: Math.round(at), addr, rssi, ad: Buffer.from(ad).toString('hex') })

/** One advertisement of badge `number` at that time (Unix ms), as a line without its end. */
export function badgeLine(
  badgeKey: Uint8Array,
  number: number,
  sent: { at: number; addr: string; rssi: number },
): string {
  const id = rollingId(badgeKey, number, rollingStep(Math.floor(sent.at / 1000)))
  return lineOf(sent.at, sent.addr, sent.rssi, encodeRollingBadge(id))
}

/** A phone's advertisement: flags and a maker's own data of changing length. */
export function phoneLine(random: () => number, at: number, rssi: number): string {
  const data = Array.from({ length: 5 + Math.floor(random() * 12) }, () => Math.floor(random() * 256))
  const ad = Uint8Array.from([2, 0x01, 0x1a, data.length + 3, 0xff, 0x4c, 0x00, ...data])
  return lineOf(at, randomAddress(random), rssi, ad)
}
