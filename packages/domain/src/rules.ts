/**
 * What the organizer wants of the gates of one event: hours, zones, what each gate admits, policies. It arrives as the
 * `rules` line of the roster feed; every field but `id` may be missing and then has the default written beside it.
 */
import type { Condition } from './condition.ts'
import type { EventId } from './ids.ts'

export interface GateRule {
  readonly name?: string
  /** The zone one enters through this gate; missing: the event as a whole. */
  readonly zone?: string
  /** Ticket types admitted here; missing: all. */
  readonly ticketTypes?: readonly string[]
  /** What else must hold for an entry here. */
  readonly condition?: Condition
  /** Where to send somebody who stands at the wrong gate, in the reader's words. */
  readonly elsewhere?: string
}

export interface TicketTypeRule {
  readonly name?: string
  readonly condition?: Condition
  readonly attention?: string
}

export interface ZoneRule {
  readonly id: string
  readonly name?: string
  readonly capacity?: number
  /** Whether a badge alone opens this zone; default true. */
  readonly badgeAdmits?: boolean
}

export interface TicketKey {
  readonly id: number
  /** Raw Ed25519 public key, base64. */
  readonly publicKey: string
  readonly notAfter?: number
}

export interface Policies {
  /** A valid signature without a roster row; default 'ask'. */
  readonly signedUnknown?: 'admit' | 'ask' | 'deny'
  /** A full zone or event; default 'ask'. */
  readonly full?: 'ask' | 'deny'
  /** Whether somebody inside must leave before entering again; default true. */
  readonly antiPassback?: boolean
}

export interface EventRules {
  readonly id: EventId
  readonly name?: string
  /** IANA zone for times of day; default 'UTC'. */
  readonly timeZone?: string
  readonly startsAt?: number
  readonly endsAt?: number
  /** Before the start and after the end; default 3600. */
  readonly graceSec?: number
  /** Same participant at the same gate; default 300. */
  readonly duplicateWindowSec?: number
  /** The same credential read again within this is the same reading; default 10. */
  readonly repeatWindowSec?: number
  readonly capacity?: number
  readonly zones?: readonly ZoneRule[]
  readonly gates?: Readonly<Record<string, GateRule>>
  readonly ticketTypes?: Readonly<Record<string, TicketTypeRule>>
  readonly policies?: Policies
  readonly ticketKeys?: readonly TicketKey[]
  /** Numbers of the rolling badges that were handed out, both included; a gate cannot guess them from pseudonyms. */
  readonly rollingBadges?: { readonly first: number; readonly last: number }
}
