/**
 * When to ask the cloud for a feed again. At once after connecting and after each page that says there is more; soon after a gap;
 * with backoff while no answer comes; and once in a while although nothing seems to be missing, because a page that got
 * lost leaves no gap until the next one comes, and a revocation must not wait for that.
 */
import { type Clock, createBackoff, type Random } from '@gatehouse/runtime'

export interface Asking {
  /** Something is missing: ask as soon as the pace allows. */
  want(): void
  /** The last answer says there is more: ask without delay. */
  wantNext(): void
  /** There is more, and it is probably on its way already. */
  wantSoon(): void
  /** A page of this feed was used: it is alive. */
  heard(): void
  /** Forget what was asked; nothing is due until `want`. */
  stop(): void
  isDue(): boolean
  /** Notes that the question goes out now, under this sentAt. */
  asked(sentAt: number): void
  /** Whether this is the answer to the question that is open. */
  isAnswer(sentAt: number | undefined): boolean
  dueAt(): number
}

const paceMs = 200
const answerWithinMs = 4_000
const longestWaitMs = 16_000
const soonMs = 1_000
const quietMs = 15_000

export function createAsking({ clock, random }: { clock: Pick<Clock, 'monoMs'>; random: Random }): Asking {
  const backoff = createBackoff({ firstMs: answerWithinMs, maxMs: longestWaitMs, random })
  let due = Number.POSITIVE_INFINITY
  let lastAskedMonoMs = Number.NEGATIVE_INFINITY
  let openSentAt: number | undefined

  /** Between 15 and 20 s, so that many gates do not ask in one instant. */
  const quiet = () => clock.monoMs() + quietMs + random() * 5_000

  return {
    want() {
      due = Math.min(due, Math.max(clock.monoMs(), lastAskedMonoMs + paceMs))
    },
    wantNext() {
      due = clock.monoMs()
    },
    wantSoon() {
      due = Math.min(due, clock.monoMs() + soonMs)
    },
    heard() {
      backoff.reset()
      openSentAt = undefined
      due = quiet()
    },
    stop() {
      backoff.reset()
      openSentAt = undefined
      due = Number.POSITIVE_INFINITY
    },
    isDue: () => clock.monoMs() >= due,
    asked(sentAt) {
      openSentAt = sentAt
      lastAskedMonoMs = clock.monoMs()
      due = lastAskedMonoMs + backoff.nextMs()
    },
    isAnswer: (sentAt) => openSentAt !== undefined && (sentAt === undefined || sentAt === openSentAt),
    dueAt: () => due,
  }
}
