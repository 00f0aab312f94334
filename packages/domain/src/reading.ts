/**
 * One presentation to be judged, and everything the judge may know. `Reading` is what happened at the gate, `Facts` what the
 * gate knew at that instant; `decide` needs nothing else, so a past decision can be replayed from its two arguments.
 */

import type { Outcome, Reason } from './decision.ts'
import type { CredentialKey, EventId, GateId, ParticipantId } from './ids.ts'
import type { CredentialKind, Participant } from './participant.ts'
import type { Direction, Presence } from './presence.ts'
import type { EventRules } from './rules.ts'

export type Via = 'ble' | 'qr' | 'manual'
export type ClockTrust = 'synced' | 'holdover' | 'unknown'

/** What a verified GT1 ticket says about itself. Times are Unix seconds, 0 = none (protocol §9). */
export interface SignedTicket {
  readonly keyId: number
  readonly class: number
  readonly staff: boolean
  readonly notBefore: number
  readonly notAfter: number
}

/** What was presented, after decoding and before any look into the roster. */
export type Presented =
  | {
      readonly kind: 'credential'
      readonly of: CredentialKind
      readonly key: CredentialKey
      readonly signed?: SignedTicket
    }
  | { readonly kind: 'participant'; readonly id: ParticipantId }
  /** Could be read by the scanner but is not a credential we understand; the reason comes from the decoder. */
  | {
      readonly kind: 'unreadable'
      readonly why: Extract<Reason, 'unreadable' | 'unknown-key' | 'bad-signature' | 'other-event'>
    }

export interface Override {
  readonly staff: string
  readonly note: string
}

export interface Reading {
  readonly event: EventId
  readonly gate: GateId
  readonly lane: string
  readonly direction: Direction
  readonly via: Via
  readonly at: number
  readonly presented: Presented
  readonly staff?: string
  readonly override?: Override
  /** Strength of the badge at the moment of the reading, dBm. */
  readonly rssi?: number
}

/** The last answer given at this gate to the same participant or credential. */
export interface Earlier {
  readonly at: number
  readonly lane: string
  readonly direction: Direction
  readonly outcome: Outcome
  readonly reason?: Reason
  readonly rule?: string
  /** True when the very same credential (not merely the same participant) was shown then. */
  readonly sameCredential: boolean
  /** When it was last read: each repetition moves it, so that a phone held up for long stays one reading. Default `at`. */
  readonly seenAt?: number
}

export interface Facts {
  readonly rules: EventRules
  readonly participant?: Participant
  /** How many participants the presentation fits, when that is more than one. */
  readonly candidates?: number
  /** Feed and own marks folded together; missing when they never came. */
  readonly presence?: Presence
  /** Local instants of this participant's entries that the gate knows one by one, oldest first, at most 100. */
  readonly entryTimes?: readonly number[]
  readonly earlier?: Earlier
  readonly clock: ClockTrust
  /** `isPartial`: the list was never here as a whole (a first fill that goes on), so who is missing may yet come. */
  readonly roster: { readonly cursor: number; readonly rows: number; readonly isPartial?: boolean }
  /** People inside the event and inside the gate's zone, as far as the gate knows. */
  readonly occupancy?: { readonly event: number; readonly zone?: number }
}
