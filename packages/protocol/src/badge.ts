/**
 * Badge advertisements: from the raw bytes of a BLE report to one canonical credential, for the four formats a gate
 * understands. Radios hear everything, so whatever is malformed or foreign is simply not a badge.
 */
import { fromHex, toHex } from './hex.ts'

const MANUFACTURER_DATA = 0xff
const SERVICE_DATA_16 = 0x16
const IBEACON = [0x4c, 0x00, 0x02, 0x15]
const ALTBEACON = [0xbe, 0xac]
const EDDYSTONE_UID = [0xaa, 0xfe, 0x00]
const ROLLING = [0xff, 0xff, 0x47, 0x48, 0x01]
/** Eddystone states its power at 0 m, the others at 1 m. */
const ZERO_TO_ONE_METRE_DB = 41

export type FixedBadge = {
  readonly format: 'ibeacon' | 'eddystone-uid' | 'altbeacon'
  /** What the pseudonym is made of, with kind `badge`. */
  readonly canonical: string
  /** Strength at 1 m as the badge claims it, dBm. */
  readonly measuredPower: number
}
/** The id, 16 hex digits, changes every 512 s; a rolling index says whose it is. */
export type RollingBadge = { readonly format: 'rolling'; readonly rollingId: string }
export type Badge = FixedBadge | RollingBadge

/** The badge in an advertisement, or undefined. `ad` is the sequence of AD structures as received. */
export function parseAdvertisement(ad: Uint8Array): Badge | undefined {
  let at = 0
  while (at + 1 < ad.length) {
    const length = ad[at] ?? 0
    // Length 0 fills the rest; a length beyond the end means that the rest was cut off.
    if (length === 0 || at + 1 + length > ad.length) return undefined
    const badge = parseStructure(ad[at + 1] ?? 0, ad.subarray(at + 2, at + 1 + length))
    if (badge) return badge
    at += 1 + length
  }
  return undefined
}

function parseStructure(type: number, data: Uint8Array): Badge | undefined {
  if (type === SERVICE_DATA_16) return eddystone(data)
  return type === MANUFACTURER_DATA ? (ibeacon(data) ?? altbeacon(data) ?? rolling(data)) : undefined
}

function ibeacon(data: Uint8Array): FixedBadge | undefined {
  if (data.length !== 25 || !startsWith(data, IBEACON)) return undefined
  const uuid = toHex(data.subarray(4, 20)).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const canonical = `ib:${uuid}:${uint16(data, 20)}:${uint16(data, 22)}`
  return { format: 'ibeacon', canonical, measuredPower: int8(data, 24) }
}

/** Service data, then two bytes reserved for future use that some badges leave out. */
function eddystone(data: Uint8Array): FixedBadge | undefined {
  if ((data.length !== 20 && data.length !== 22) || !startsWith(data, EDDYSTONE_UID)) return undefined
  const canonical = `eu:${toHex(data.subarray(4, 14))}:${toHex(data.subarray(14, 20))}`
  return { format: 'eddystone-uid', canonical, measuredPower: int8(data, 3) - ZERO_TO_ONE_METRE_DB }
}

/** Any company may make one; its id stands in the first two bytes. */
function altbeacon(data: Uint8Array): FixedBadge | undefined {
  if (data.length !== 26 || !startsWith(data.subarray(2), ALTBEACON)) return undefined
  return { format: 'altbeacon', canonical: `ab:${toHex(data.subarray(4, 24))}`, measuredPower: int8(data, 24) }
}

function rolling(data: Uint8Array): RollingBadge | undefined {
  if (data.length !== 13 || !startsWith(data, ROLLING)) return undefined
  return { format: 'rolling', rollingId: toHex(data.subarray(5)) }
}

/** `uuid` as text; the advertisement also carries the usual flags. */
export function encodeIBeacon(uuid: string, major: number, minor: number, measuredPower: number): Uint8Array {
  const id = fromHex(uuid.replaceAll('-', ''))
  return structures(
    [2, 0x01, 0x06],
    manufacturer([...IBEACON, ...id, ...bytes16(major), ...bytes16(minor), measuredPower]),
  )
}

/** Namespace of 10 and instance of 6 bytes, hex. */
export function encodeEddystoneUid(namespace: string, instance: string, measuredPower: number): Uint8Array {
  const power = measuredPower + ZERO_TO_ONE_METRE_DB
  const data = [...EDDYSTONE_UID, power, ...fromHex(namespace), ...fromHex(instance), 0, 0]
  return structures([2, 0x01, 0x06], [3, 0x03, 0xaa, 0xfe], [data.length + 1, SERVICE_DATA_16, ...data])
}

/** Id of 20 bytes, hex. */
export function encodeAltBeacon(id: string, measuredPower: number, company = 0x0118): Uint8Array {
  const data = [company & 0xff, company >> 8, ...ALTBEACON, ...fromHex(id), measuredPower, 0]
  return structures([2, 0x01, 0x06], manufacturer(data))
}

/** Rolling id of 8 bytes, hex. */
export function encodeRollingBadge(id: string): Uint8Array {
  return structures([2, 0x01, 0x06], manufacturer([...ROLLING, ...fromHex(id)]))
}

function manufacturer(data: readonly number[]): number[] {
  return [data.length + 1, MANUFACTURER_DATA, ...data]
}

function structures(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat())
}

function startsWith(data: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => data[at] === byte)
}

function uint16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)
}

function bytes16(value: number): [number, number] {
  return [(value >> 8) & 0xff, value & 0xff]
}

function int8(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 24) >> 24
}
