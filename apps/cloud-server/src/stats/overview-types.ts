/**
 * What an organizer sees on the day, as one value: how many are in, how fast they come, how each gate does. It is read from the
 * rollups that ingest keeps, never counted from facts, so its price does not grow with the event. Instants are Unix ms.
 */
import type { EventId, GateId, Outcome, ParticipantId, Via } from '@gatehouse/domain'

export type Method = 'ble_auto' | 'qr_scan' | 'manual'
export type ByMethod = Readonly<Record<Method, number>>

export const methodOf: Readonly<Record<Via, Method>> = { ble: 'ble_auto', qr: 'qr_scan', manual: 'manual' }
export const viaOf: Readonly<Record<Method, Via>> = { ble_auto: 'ble', qr_scan: 'qr', manual: 'manual' }

export interface Totals {
  /** Active registrations. */
  readonly participants: number
  /** Different people who came in. */
  readonly arrived: number
  /** Percent of participants, one decimal. */
  readonly rate: number
  readonly inside: number
  readonly entries: number
  readonly exits: number
  readonly denied: number
  readonly asked: number
  readonly doubleEntries: number
  /** Entries per minute, mean of the last five. */
  readonly perMinute: number
  readonly trend: 'rising' | 'steady' | 'falling'
  readonly lastAt: number | null
}

export interface GateNumbers {
  readonly id: GateId
  readonly name: string
  readonly zone: string | null
  readonly lane: string
  readonly direction: 'entry' | 'exit' | 'both'
  readonly state: 'online' | 'away' | 'never' | 'revoked'
  readonly since: number | null
  readonly unsent: number | null
  readonly oldestUnsentAt: number | null
  readonly rosterCursor: number | null
  readonly rosterHead: number
  readonly rosterBehindSince: number | null
  readonly presenceCursor: number | null
  readonly presenceHead: number
  /** Null while the gate is not at the head: it cannot be said yet. */
  readonly rosterOk: boolean | null
  readonly clockTrust: string | null
  readonly problems: readonly { readonly name: string; readonly detail?: string }[]
  readonly parked: number
  readonly total: number
  readonly unique: number
  readonly today: number
  readonly denied: number
  readonly byMethod: ByMethod
  readonly averageMs: number | null
  readonly lastAt: number | null
  readonly perMinute: number
  readonly capacityPerMinute: number
  /** Records of the last 5 minutes ÷ (capacity per minute × 5); 1 is full. */
  readonly load: number
  readonly waitSec: number
}

export interface Hour {
  readonly at: number
  readonly total: number
  readonly byMethod: ByMethod
  readonly byGate: Readonly<Record<string, number>>
}

export interface Minute {
  readonly at: number
  readonly entries: number
  readonly exits: number
}

export interface Denials {
  readonly reason: string
  readonly count: number
}

export interface Overview {
  readonly event: {
    readonly id: EventId
    readonly name: string
    readonly timeZone: string
    readonly startsAt: number | null
    readonly endsAt: number | null
    readonly capacity: number | null
  }
  readonly at: number
  readonly totals: Totals
  readonly denials: readonly Denials[]
  readonly gates: readonly GateNumbers[]
  readonly hours: readonly Hour[]
  readonly minutes: readonly Minute[]
}

/** One line of the "last scans" list. */
export interface Scan {
  readonly id: string
  readonly at: number
  readonly gate: GateId
  readonly gateName: string
  readonly lane: string | null
  readonly direction: 'entry' | 'exit'
  readonly via: Via
  readonly method: Method
  readonly outcome: Outcome
  /** One of the domain's reasons, or one of a newer gate. */
  readonly reason: string | null
  readonly participant: ParticipantId | null
  readonly name: string | null
  readonly ticketType: string | null
  readonly offline: boolean
  readonly flags: readonly string[]
}
