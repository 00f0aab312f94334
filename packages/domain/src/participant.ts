/**
 * Who may come in and what they show for it. This is one row of the roster, the shape that the cloud publishes and the
 * gate decides with; instants are Unix milliseconds.
 */
import type { CredentialKey, ParticipantId } from './ids.ts'

export type ParticipantStatus = 'active' | 'cancelled' | 'blocked'
export type EntryPolicy = 'once' | 're-entry' | 'unlimited'
export type CredentialKind = 'qr' | 'badge'

export interface Credential {
  readonly kind: CredentialKind
  readonly key: CredentialKey
  readonly status: 'active' | 'revoked'
}

export interface Participant {
  readonly id: ParticipantId
  readonly status: ParticipantStatus
  readonly name?: string
  readonly ticketType: string
  readonly zones: readonly string[]
  readonly validFrom?: number
  readonly validUntil?: number
  readonly entryPolicy: EntryPolicy
  readonly maxEntries?: number
  readonly credentials: readonly Credential[]
  /** Registered, but something the organizer waits for is still open. */
  readonly hold?: 'not-paid' | 'not-approved'
  /** What staff should notice when this person comes in ("needs a headset"). */
  readonly attention?: string
}
