/**
 * One advertisement as a line of text: `{"at":…,"addr":"aa:bb:…","rssi":-60,"ad":"<hex>"}`. Recordings and the local socket use
 * it; whatever does not fit exactly is refused, and nothing that arrives here can make it throw.
 */
import type { Advertisement } from './source.ts'

/** Longest line taken, in bytes without its end; longer ones are skipped as a whole. */
export const MAX_LINE_BYTES = 512

const ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/
const HEX = /^([0-9a-f]{2}){1,200}$/
const isInteger = (value: unknown, from: number, to: number): value is number =>
  Number.isInteger(value) && (value as number) >= from && (value as number) <= to

export function parseAdvertisementLine(line: string): Advertisement | undefined {
  let fields: unknown
  try {
    fields = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof fields !== 'object' || fields === null) return undefined
  const { at, addr, rssi, ad } = fields as Record<string, unknown>
  if (!isInteger(at, 0, Number.MAX_SAFE_INTEGER) || !isInteger(rssi, -127, 20)) return undefined
  if (typeof addr !== 'string' || !ADDRESS.test(addr)) return undefined
  if (typeof ad !== 'string' || !HEX.test(ad)) return undefined
  return { at, addr, rssi, ad: new Uint8Array(Buffer.from(ad, 'hex')) }
}

/** The line without its end. */
export function formatAdvertisementLine({ at, addr, rssi, ad }: Advertisement): string {
  return JSON.stringify({ at, addr, rssi, ad: Buffer.from(ad).toString('hex') })
}
