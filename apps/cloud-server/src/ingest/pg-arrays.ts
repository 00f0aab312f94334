/**
 * PostgreSQL's binary form of one-dimensional arrays, in which ingest hands its columns over. The server reads it several times faster
 * than array text, and nothing has to be quoted. `null` is SQL's NULL.
 */
export type ColumnType = 'int2' | 'int4' | 'int8' | 'timestamptz' | 'uuid' | 'bool' | 'text' | 'bytea' | 'date'
export type ColumnValue = number | string | boolean | Uint8Array | null

const OIDS: Readonly<Record<ColumnType, number>> = {
  int2: 21,
  int4: 23,
  int8: 20,
  timestamptz: 1184,
  uuid: 2950,
  bool: 16,
  text: 25,
  bytea: 17,
  date: 1082,
}
/** Bytes of a value; text and bytea vary. */
const WIDTHS: Readonly<Partial<Record<ColumnType, number>>> = {
  int2: 2,
  int4: 4,
  int8: 8,
  timestamptz: 8,
  uuid: 16,
  bool: 1,
  date: 4,
}
const HEADER = 20
const POSTGRES_EPOCH_MS = 946_684_800_000
const POSTGRES_EPOCH_DAYS = 10_957
const TWO_32 = 2 ** 32

/** timestamptz takes Unix ms, date takes days since 1970-01-01, uuid takes 32 hex digits with or without dashes. */
export function encodeArray(type: ColumnType, values: readonly ColumnValue[]): Buffer {
  const width = WIDTHS[type]
  const bytes = Buffer.allocUnsafe(HEADER + (width === undefined ? varyingSize(values) : values.length * (4 + width)))
  let at = HEADER
  let hasNull = 0
  for (const value of values) {
    if (value === null) {
      at = bytes.writeInt32BE(-1, at)
      hasNull = 1
    } else {
      at = writeValue(bytes, at, type, value)
    }
  }
  writeHeader(bytes, OIDS[type], values.length, hasNull)
  return bytes.subarray(0, at)
}

function varyingSize(values: readonly ColumnValue[]): number {
  let size = 0
  for (const value of values) {
    size += 4
    if (typeof value === 'string') size += value.length * 3
    else if (value instanceof Uint8Array) size += value.length
  }
  return size
}

function writeHeader(bytes: Buffer, oid: number, length: number, hasNull: number): void {
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(hasNull, 4)
  bytes.writeInt32BE(oid, 8)
  bytes.writeInt32BE(length, 12)
  bytes.writeInt32BE(1, 16)
}

function writeValue(bytes: Buffer, at: number, type: ColumnType, value: Exclude<ColumnValue, null>): number {
  if (typeof value === 'number') return writeNumber(bytes, at, type, value)
  if (typeof value === 'boolean') return bytes.writeUInt8(value ? 1 : 0, bytes.writeInt32BE(1, at))
  if (typeof value === 'string') return type === 'uuid' ? writeUuid(bytes, at, value) : writeText(bytes, at, value)
  bytes.set(value, bytes.writeInt32BE(value.length, at))
  return at + 4 + value.length
}

function writeNumber(bytes: Buffer, at: number, type: ColumnType, value: number): number {
  if (type === 'int2') return bytes.writeInt16BE(value, bytes.writeInt32BE(2, at))
  if (type === 'int4') return bytes.writeInt32BE(value, bytes.writeInt32BE(4, at))
  if (type === 'date') return bytes.writeInt32BE(value - POSTGRES_EPOCH_DAYS, bytes.writeInt32BE(4, at))
  const whole = type === 'timestamptz' ? (value - POSTGRES_EPOCH_MS) * 1_000 : value
  const high = Math.floor(whole / TWO_32)
  bytes.writeInt32BE(8, at)
  bytes.writeInt32BE(high, at + 4)
  bytes.writeUInt32BE(whole - high * TWO_32, at + 8)
  return at + 12
}

function writeUuid(bytes: Buffer, at: number, value: string): number {
  bytes.writeInt32BE(16, at)
  bytes.write(value.length === 32 ? value : value.replaceAll('-', ''), at + 4, 16, 'hex')
  return at + 20
}

function writeText(bytes: Buffer, at: number, value: string): number {
  const length = bytes.write(value, at + 4, 'utf8')
  bytes.writeInt32BE(length, at)
  return at + 4 + length
}
