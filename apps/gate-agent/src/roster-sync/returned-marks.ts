/**
 * Forgets the gate's own marks once the presence feed contains them: not earlier, or somebody inside could enter again; not later, or
 * an entry would count twice. The cloud says in `covers` which of our facts a page contains; from a cloud that does not, a
 * line about the same person with our own later passage is taken as proof, or the presence it left in our roster.
 *
 * Marks and presence are in two files, and the one with presence may lose its last transactions in a power cut. So marks are
 * first forgotten in memory only, and for good some time later, after that file was flushed. (Without this, somebody who was
 * inside could enter a second time after a power cut; the simulator found it.)
 */
import type { EpochId, GateId } from '@gatehouse/domain'
import type { FeedHeader, PresenceLine } from '@gatehouse/protocol'
import type { Clock } from '@gatehouse/runtime'
import type { JournalStore, RosterStore } from '../store/ports.ts'

export interface ReturnedMarks {
  /** A page that was applied and whose `to` is now the cursor; `isAnswer` when we had asked for it. */
  applied(header: FeedHeader, lines: readonly PresenceLine[], isAnswer: boolean): void
}

export interface ReturnedMarksNeeds {
  readonly journal: JournalStore
  readonly roster: Pick<RosterStore, 'flush' | 'presence'>
  readonly gate: GateId
  readonly clock: Pick<Clock, 'monoMs'>
}

/** What the cloud knows last of somebody. */
type Proof = Pick<PresenceLine, 'id' | 'lastGate' | 'lastAt'>

const settleAfterMs = 30_000

export function createReturnedMarks({ journal, roster, gate, clock }: ReturnedMarksNeeds): ReturnedMarks {
  /** Whether this cloud says what it covers: known at the first page that does, denied by the first answer to its end that does not. */
  let doesCover: boolean | undefined
  /** For an ended epoch: what the present epoch must be covered beyond, before everything of the ended one is surely contained. */
  const floors = new Map<EpochId, number>()
  /** When something was first forgotten in memory that is not yet forgotten for good. */
  let waitingSinceMonoMs: number | undefined

  function applied(header: FeedHeader, lines: readonly PresenceLine[], isAnswer: boolean): void {
    const covered = header.covers?.[gate]
    const isEnd = isAnswer && !header.more
    if (header.covers) doesCover = true
    else if (isEnd) doesCover ??= false
    if (covered && covered.epoch === journal.epoch()) forgetPresent(covered.through)
    if (doesCover === false) forgetProven(isEnd ? knownOfMarked() : lines)
    if (waitingSinceMonoMs !== undefined && clock.monoMs() - waitingSinceMonoMs >= settleAfterMs) settle()
  }

  /**
   * At the end of an answer everybody with a mark is looked at, not only who stands in its last page: their line may have come before we
   * knew this cloud, or in a snapshot, or before a restart that brought the marks back.
   */
  function knownOfMarked(): readonly Proof[] {
    const marked = new Set(journal.marks().map(({ participant }) => participant))
    return [...marked].flatMap((id) => roster.presence(id) ?? [])
  }

  function forgetProven(proofs: readonly Proof[]): void {
    for (const { id, lastGate, lastAt } of proofs) {
      if (lastGate !== gate) continue
      journal.forgetMarksOf(id, lastAt)
      waitingSinceMonoMs ??= clock.monoMs()
    }
  }

  function forget(epoch: EpochId, through: number): void {
    journal.forgetMarks(epoch, through)
    waitingSinceMonoMs ??= clock.monoMs()
  }

  function settle(): void {
    roster.flush()
    journal.settleMarks()
    waitingSinceMonoMs = undefined
  }

  /**
   * Only what was acknowledged to us: on a restored disk the cloud may cover other entries under our numbers, and parked ones are
   * contained nowhere until they are journalled again.
   */
  function forgetPresent(coveredThrough: number): void {
    const present = journal.epochs().at(-1)
    if (present) forget(present.epoch, Math.min(coveredThrough, present.ackedThrough))
    forgetEnded(coveredThrough)
  }

  /** An ended epoch is acknowledged wholly before a later entry of the present one is; facts are contained in commit order. */
  function forgetEnded(coveredThrough: number): void {
    const unsettled = new Set(journal.epochs().map(({ epoch }) => epoch))
    for (const epoch of new Set(journal.marks().map((mark) => mark.epoch))) {
      if (unsettled.has(epoch)) continue
      const floor = floors.get(epoch) ?? journal.lastSeq()
      floors.set(epoch, floor)
      if (coveredThrough > floor) forget(epoch, Number.MAX_SAFE_INTEGER)
    }
  }

  return { applied }
}
