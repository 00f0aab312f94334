/**
 * The only acknowledgement there is. It is made after COMMIT from the state that was committed, echoes the message it answers, and
 * says by `head` which history the cloud holds, so that a gate with another one does not take it for its own.
 */
import type { Ack, Hello, JournalHeader } from '@gatehouse/protocol'
import type { EpochState, Held } from './ports.ts'
import { highestHeld, knownHash } from './runs.ts'

const parkedAtMost = 10_000

export function ackFor(
  state: EpochState,
  header: Pick<JournalHeader, 'sentAt' | 'from' | 'to' | 'head'>,
  parked: readonly number[],
  serverTime: number,
): Ack {
  const { sentAt, from, to, head } = header
  return {
    ...position(state, serverTime),
    parked: parked.slice(0, parkedAtMost),
    echo: { sentAt, from, to, head },
    ...(state.forked ? { newEpoch: true } : {}),
  }
}

export function ackForHello(state: EpochState, hello: Pick<Hello, 'sentAt'>, newEpoch: boolean, now: number): Ack {
  return {
    ...position(state, now),
    parked: [],
    echo: { sentAt: hello.sentAt },
    ...(newEpoch || state.forked ? { newEpoch: true } : {}),
  }
}

function position({ epoch, through, head }: EpochState, serverTime: number) {
  return { v: 1 as const, epoch, through, head, serverTime }
}

/**
 * A gate that knows less of its own journal than we do runs on a restored or cloned disk, or its hello came late, after entries that it
 * sent later. When it says by `head` what its last entry is, only another history than ours is a regress; a restored gate on
 * our own history sees by `through` that it lacks entries, or meets them as conflicts.
 */
export function isRegress(state: EpochState, { lastSeq, head }: Hello, heldAtLast: Held | undefined): boolean {
  if (lastSeq >= highestHeld(state)) return false
  if (head === undefined) return true
  const ours = knownHash(state, lastSeq)?.slice(0, 32) ?? heldAtLast?.digest
  return ours !== undefined && ours !== head.slice(0, 32)
}
