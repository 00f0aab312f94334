/**
 * The answer to one reading. It carries the rule that gave it and what would have to be different, so that a person at the
 * gate gets a next step and a reader of the log a reason. The door follows only from `effects`.
 */
import type { ParticipantId } from './ids.ts'
import type { Direction } from './presence.ts'

export type Outcome = 'admit' | 'deny' | 'ask'

export type Reason =
  | 'unknown'
  | 'unreadable'
  | 'unknown-key'
  | 'bad-signature'
  | 'other-event'
  | 'cancelled'
  | 'blocked'
  | 'revoked'
  | 'not-yet-valid'
  | 'expired'
  | 'outside-hours'
  | 'wrong-zone'
  | 'wrong-ticket-type'
  | 'duplicate'
  | 'already-inside'
  | 'entries-used-up'
  | 'rule'
  | 'full'
  | 'clock-unknown'
  | 'signed-unknown'
  | 'badge-not-enough'
  | 'empty-roster'
  | 'ambiguous'
  | 'not-paid'
  | 'not-approved'

/** What would have to be different, as data; the pages turn it into words in the reader's language. */
export interface Explanation {
  readonly needs: string
  /** Values for the words: instants in Unix ms, counts, names of zones or ticket types. */
  readonly with?: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

export interface Decision {
  readonly outcome: Outcome
  readonly direction: Direction
  /** "ADMIT-9"; missing only for a plain admit. */
  readonly rule?: string
  readonly reason?: Reason
  readonly explanation?: Explanation
  readonly participant?: ParticipantId
  readonly attention?: string
  /** The same reading again: answered as before; nothing is journalled, counted or opened a second time. */
  readonly repeated?: boolean
  /** Staff admitted against this reason. */
  readonly overridden?: Reason
  /** Odd but admitted (for the cloud's flags): "signed-unknown", "clock-unknown". */
  readonly flags?: readonly string[]
}
