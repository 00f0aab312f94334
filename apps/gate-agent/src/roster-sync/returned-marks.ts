/**
 * Forgets the gate's own marks once the presence feed contains them: not earlier, or somebody inside could enter again; not later, or
 * an entry would count twice. The cloud says in `covers` which of our facts a page contains; from a cloud that does not, a
 * line about the same person with our own later passage is taken as proof.
 */
import type { EpochId, GateId } from '@gatehouse/domain'
import type { FeedHeader, PresenceLine } from '@gatehouse/protocol'
import type { JournalStore } from '../store/ports.ts'

export interface ReturnedMarks {
  /** A page that was applied and whose `to` is now the cursor. */
  applied(header: FeedHeader, lines: readonly PresenceLine[]): void
}

export function createReturnedMarks(journal: JournalStore, gate: GateId): ReturnedMarks {
  let doesCover = false
  /** For an ended epoch: what the present epoch must be covered beyond, before everything of the ended one is surely contained. */
  const floors = new Map<EpochId, number>()

  function applied(header: FeedHeader, lines: readonly PresenceLine[]): void {
    const covered = header.covers?.[gate]
    if (header.covers) doesCover = true
    if (covered) journal.forgetMarks(covered.epoch, covered.through)
    if (covered) forgetEnded(covered)
    if (!doesCover) for (const line of lines) if (line.lastGate === gate) journal.forgetMarksOf(line.id, line.lastAt)
  }

  /** An ended epoch is acknowledged wholly before a later entry of the present one is; facts are contained in commit order. */
  function forgetEnded(covered: { readonly epoch: EpochId; readonly through: number }): void {
    const present = journal.epoch()
    if (covered.epoch !== present) return
    const unsettled = new Set(journal.epochs().map(({ epoch }) => epoch))
    for (const epoch of new Set(journal.marks().map((mark) => mark.epoch))) {
      if (unsettled.has(epoch)) continue
      const floor = floors.get(epoch) ?? journal.lastSeq()
      floors.set(epoch, floor)
      if (covered.through > floor) journal.forgetMarks(epoch, Number.MAX_SAFE_INTEGER)
    }
  }

  return { applied }
}
