/**
 * Facts of an ended epoch that the cloud could not take there, because it holds other bytes under their numbers (a restored or
 * cloned disk), are written again into the present epoch. They say where they were first (`was`), and references between
 * them follow, so that no passage is lost and an undo still finds its decision.
 */
import type { EpochId } from '@gatehouse/domain'
import type { JournalEntry } from '@gatehouse/protocol'
import type { Again, JournalRow } from '../store/ports.ts'

/** `firstSeq` is the number that the first of them will get in the present epoch. */
export function entriesAgain(epoch: EpochId, rows: readonly JournalRow[], firstSeq: number): readonly Again[] {
  const moved = new Map(rows.map((row, index) => [row.seq, firstSeq + index]))
  return rows.map((row) => ({ seq: row.seq, entry: entryAgain(epoch, row, moved) }))
}

function entryAgain(epoch: EpochId, row: JournalRow, moved: ReadonlyMap<number, number>): JournalEntry {
  // Our own line, written by us and guarded by the chain: it is parsed without a schema.
  const { seq, ...entry } = JSON.parse(row.line) as JournalEntry & { seq: number }
  const was = { was: { epoch, seq } }
  if (entry.kind !== 'undo' && entry.kind !== 'passage') return { ...entry, ...was }
  const of = moved.get(entry.of)
  return of === undefined ? { ...entry, ...was, ofEpoch: epoch } : { ...entry, ...was, of }
}
