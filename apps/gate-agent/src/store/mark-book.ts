/**
 * The passages this gate made itself and has not yet seen come back, by participant. It is the memory side of the journal's
 * marks: the rows are what survives, this is what a decision reads.
 */
import type { EpochId, ParticipantId } from '@gatehouse/domain'
import type { Mark } from './ports.ts'

export interface MarkBook {
  add(mark: Mark): void
  at(epoch: EpochId, seq: number): Mark | undefined
  of(participant: ParticipantId): readonly Mark[]
  all(): readonly Mark[]
  drop(epoch: EpochId, seq: number): void
  /** All of that epoch up to and including `through`. */
  forget(epoch: EpochId, through: number): void
}

export function createMarkBook(): MarkBook {
  const byParticipant = new Map<ParticipantId, readonly Mark[]>()
  // Insertion order is journal order within an epoch, so its first one is found without a search over people.
  const byEpoch = new Map<EpochId, Map<number, Mark>>()
  const ofEpoch = (epoch: EpochId) => byEpoch.get(epoch) ?? new Map<number, Mark>()

  function drop(epoch: EpochId, seq: number): void {
    const mark = ofEpoch(epoch).get(seq)
    if (!mark) return
    ofEpoch(epoch).delete(seq)
    const left = (byParticipant.get(mark.participant) ?? []).filter((other) => other !== mark)
    if (left.length > 0) byParticipant.set(mark.participant, left)
    else byParticipant.delete(mark.participant)
  }

  return {
    add(mark) {
      byEpoch.set(mark.epoch, ofEpoch(mark.epoch).set(mark.seq, mark))
      byParticipant.set(mark.participant, [...(byParticipant.get(mark.participant) ?? []), mark])
    },
    at: (epoch, seq) => ofEpoch(epoch).get(seq),
    of: (participant) => byParticipant.get(participant) ?? [],
    all: () => [...byEpoch.values()].flatMap((marks) => [...marks.values()]),
    drop,
    forget(epoch, through) {
      // In journal order, so that the first one that stays ends the walk.
      for (const seq of ofEpoch(epoch).keys()) {
        if (seq > through) return
        drop(epoch, seq)
      }
    },
  }
}
