/**
 * One journal message in the making: which rows it carries, in which lane, and the bytes. A batch is remembered by its numbers
 * only; when it has to be sent again its rows are read again, so nothing that waits for an ack costs memory.
 */
import type { EpochId } from '@gatehouse/domain'
import { encodeBulk, LIMITS, toHex } from '@gatehouse/protocol'
import type { JournalRow, JournalStore } from '../store/ports.ts'

export type BatchLane = 'live' | 'backlog'

export interface Batch {
  readonly epoch: EpochId
  readonly from: number
  readonly to: number
  /** h(from − 1) and h(to), hex. */
  readonly prev: string
  readonly head: string
  readonly lane: BatchLane
  readonly lines: readonly string[]
  /** True for a line that this gate parked itself: numbers and hashes go up, the line does not. */
  readonly skipped: boolean
}

/** Header and line ends of a full message fit into what is left. */
const bodyBytes = LIMITS.messageBytes - 2048

export interface Cut {
  readonly epoch: EpochId
  readonly from: number
  readonly atMost: number
  readonly lane: BatchLane
  readonly isSkipped: (epoch: EpochId, seq: number) => boolean
}

/** The next batch from `from` on; undefined when those rows are not there. It never mixes skipped lines with others. */
export function cutBatch(journal: JournalStore, cut: Cut): Batch | undefined {
  const prev = journal.hashAt(cut.epoch, cut.from - 1)
  const rows = prev && journal.rows(cut.epoch, cut.from, cut.isSkipped(cut.epoch, cut.from) ? 1 : cut.atMost)
  const first = rows?.[0]
  if (!prev || !rows || first?.seq !== cut.from) return undefined
  const skipped = cut.isSkipped(cut.epoch, cut.from)
  const taken = skipped ? [first] : takeWhileFits(rows, (seq) => cut.isSkipped(cut.epoch, seq))
  const last = taken.at(-1) ?? first
  return {
    epoch: cut.epoch,
    from: cut.from,
    to: last.seq,
    prev: toHex(prev),
    head: toHex(last.hash),
    lane: cut.lane,
    lines: skipped ? [] : taken.map((row) => row.line),
    skipped,
  }
}

function takeWhileFits(rows: readonly JournalRow[], stopAt: (seq: number) => boolean): JournalRow[] {
  const taken: JournalRow[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += Buffer.byteLength(row.line) + 1
    if (taken.length > 0 && (bytes > bodyBytes || stopAt(row.seq))) break
    taken.push(row)
  }
  return taken
}

/** The message as published on `up/journal`. `sign` is given when this batch is to be signed. */
export function encodeBatch(
  batch: Batch,
  sentAt: number,
  sign: ((epoch: EpochId, to: number, headHex: string) => string) | undefined,
): Uint8Array {
  const { epoch, from, to, prev, head, lane } = batch
  const header = {
    v: 1,
    epoch,
    from,
    to,
    prev,
    head,
    lane,
    sentAt,
    ...(batch.skipped ? { skipped: true } : {}),
    ...(sign ? { sig: sign(epoch, to, head) } : {}),
  }
  return encodeBulk(header, batch.lines)
}
