/**
 * The only acknowledgement there is. It is made after COMMIT from the state that was committed, echoes the message it answers, and
 * says by `head` which history the cloud holds, so that a gate with another one does not take it for its own.
 */
import type { Ack, Hello, JournalHeader } from '@gatehouse/protocol'
import type { EpochState, Held } from './ports.ts'
import { highestHeld } from './runs.ts'

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
 * A gate that knows less of its own journal than we do runs on a restored or cloned disk. When it says by `head` that its last entry is
 * on our history, it may also be an old hello that came late; such a gate sees by `through` and `head` how it stands.
 */
export function isRegress(state: EpochState, hello: Hello, heldAtLast: Held | undefined): boolean {
  if (hello.lastSeq >= highestHeld(state)) return false
  if (hello.head === undefined) return true
  if (hello.lastSeq === 0) return false
  return heldAtLast?.digest !== hello.head.slice(0, 32)
}
