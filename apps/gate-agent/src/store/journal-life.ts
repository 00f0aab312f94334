/**
 * The life of one journal file as the store keeps it in memory: how far it reaches, how far the cloud has it, and the last
 * hash. One per epoch; the present one grows, ended ones only get acknowledged and compacted.
 */
import type { EpochId } from '@gatehouse/domain'
import { EPOCH_SIZE, type EpochRow, type JournalStatements } from './journal-tables.ts'

export interface Life {
  readonly no: number
  readonly epoch: EpochId
  lastSeq: number
  lastHash: Uint8Array
  acked: number
  /** Rows 1..base were compacted away; `baseHash` is h(base). */
  base: number
  baseHash: Uint8Array
  unsentBytes: number
}

export function idOf(life: Life, seq: number): number {
  return life.no * EPOCH_SIZE + seq
}

export function seqOf(life: Life, id: number): number {
  return id - life.no * EPOCH_SIZE
}

export function readLife(sql: JournalStatements, row: EpochRow): Life {
  const baseHash = Uint8Array.from(row.base_hash)
  const { no, epoch, acked, base } = row
  const life: Life = { no, epoch, acked, base, baseHash, lastSeq: base, lastHash: baseHash, unsentBytes: 0 }
  const last = sql.last.get(idOf(life, 0), idOf(life, EPOCH_SIZE))
  if (last) {
    life.lastSeq = seqOf(life, last.id)
    life.lastHash = last.hash
  }
  life.unsentBytes = bytesOf(sql, life, acked, life.lastSeq)
  return life
}

/** UTF-8 bytes of the lines after `after` up to `through`. */
export function bytesOf(sql: JournalStatements, life: Life, after: number, through: number): number {
  return sql.bytes.get(idOf(life, after), idOf(life, through))?.bytes ?? 0
}
