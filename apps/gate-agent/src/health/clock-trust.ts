/**
 * How far this gate may believe its clock. Each ack of the cloud carries the server's time; from the one with the shortest way
 * the true time is carried on by the monotonic clock, so that a jump of the wall clock changes nothing. Without any ack yet,
 * the wall clock is believed only as far as it goes on from where an earlier run had left it.
 *
 *   unknown ──ack──► synced ──10 min without one──► holdover ──error above 5 s──► unknown
 */
import type { ClockTrust } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'

export interface ClockState {
  readonly trust: ClockTrust
  /** What is added to the wall clock to get `now`. */
  readonly offsetMs: number
  readonly errorMs: number
}

/** What an earlier run knew for sure: it was no earlier than this, Unix ms. */
export interface KnownTime {
  readonly at: number
}

export interface TrustedClock {
  /** Best knowledge of the true time, Unix ms. */
  now(): number
  state(): ClockState
  /** `sentAt` is this clock's `now` when the message that is answered was sent. */
  acknowledged(ack: { readonly serverTime: number; readonly sentAt: number }): void
}

const SYNCED_FOR_MS = 600_000
const HOLDOVER_ERROR_MS = 5_000
/** A cheap quartz in the sun. */
const DRIFT = 100e-6
/** An answer that took longer says too little about the time. */
const LONGEST_WAY_MS = 10_000
/** How long an earlier run's word is good for; then a battery may have died. */
const RESUME_WITHIN_MS = 7 * 24 * 3_600_000

interface Measured {
  readonly serverAt: number
  readonly monoMs: number
  readonly errorMs: number
}

export function createTrustedClock(clock: Pick<Clock, 'now' | 'monoMs'>, before?: KnownTime): TrustedClock {
  const resumed = before !== undefined && clock.now() >= before.at && clock.now() - before.at < RESUME_WITHIN_MS
  let measured: Measured | undefined
  let heardMonoMs = Number.NEGATIVE_INFINITY

  function now(): number {
    return measured ? Math.round(measured.serverAt + clock.monoMs() - measured.monoMs) : clock.now()
  }

  function errorMs(): number {
    return measured ? Math.ceil(measured.errorMs + (clock.monoMs() - measured.monoMs) * DRIFT) : 0
  }

  function trust(): ClockTrust {
    if (!measured) return resumed ? 'holdover' : 'unknown'
    if (clock.monoMs() - heardMonoMs <= SYNCED_FOR_MS) return 'synced'
    return errorMs() <= HOLDOVER_ERROR_MS ? 'holdover' : 'unknown'
  }

  return {
    now,
    state: () => ({ trust: trust(), offsetMs: now() - clock.now(), errorMs: errorMs() }),
    acknowledged({ serverTime, sentAt }) {
      const wayMs = now() - sentAt
      if (wayMs < 0 || wayMs > LONGEST_WAY_MS) return
      heardMonoMs = clock.monoMs()
      const fresh = { serverAt: serverTime + wayMs / 2, monoMs: clock.monoMs(), errorMs: wayMs / 2 }
      if (!measured || fresh.errorMs <= errorMs()) measured = fresh
    },
  }
}
