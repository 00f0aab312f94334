/**
 * A request to record an attendance, and its answer. Unlike a gate's fact a request may be refused; once accepted it is a fact like any
 * other and goes through the same statement. One implementation judges and writes in one transaction, exact under concurrency.
 */
import type { Direction, EventId, GateId, OrgId, ParticipantId, Via } from '@gatehouse/domain'

export interface AttendanceRequest {
  readonly participant: ParticipantId
  readonly gate: GateId
  /** Unix ms. */
  readonly at: number
  readonly via: Via
  readonly direction: Direction
  readonly location?: unknown
  readonly deviceInfo?: unknown
  readonly staff?: string
  readonly override?: { readonly note: string }
}

export interface AttendanceRecord {
  readonly id: string
  readonly event: EventId
  readonly participant: ParticipantId
  readonly gate: GateId
  readonly at: number
  readonly via: Via
  readonly createdAt: number
}

/** [R-A2] in the order of the checks. */
export type Refusal =
  | 'participant-unknown'
  | 'participant-not-active'
  | 'gate-not-found'
  | 'outside-event'
  | 'duplicate'

export type Recorded =
  | { readonly ok: true; readonly record: AttendanceRecord }
  | {
      readonly ok: false
      readonly why: Refusal
      /** The record within five minutes that makes this one a duplicate. */
      readonly earlier?: { readonly id: string; readonly at: number }
    }

/** A request that passed all checks but the last one. */
export interface RecordToWrite {
  readonly event: EventId
  readonly gate: GateId
  readonly participant: ParticipantId
  readonly at: number
  readonly method: 'ble_auto' | 'qr_scan' | 'manual'
  readonly direction: Direction
  /** An earlier record of this person at this gate and in this direction within it makes this one a duplicate. */
  readonly duplicateWindowMs: number
  readonly location?: unknown
  readonly deviceInfo?: unknown
  readonly staff?: string
  readonly override?: { readonly note: string }
}

export interface Written {
  readonly id: string
  /** Unix ms. */
  readonly createdAt: number
  /** Somebody was recorded at this gate within the event's window: nothing was written, `id` is without meaning. */
  readonly duplicateOf?: { readonly id: string; readonly at: number }
}

/** Decides about duplicates and writes facts, presence, statistics and messages in one transaction; answers in order. */
export type WriteRecords = (org: OrgId, records: readonly RecordToWrite[]) => Promise<readonly Written[]>

/** One answer per request, in the order of the requests; requests later in the list see the earlier ones. */
export type RecordRequests = (org: OrgId, requests: readonly AttendanceRequest[]) => Promise<readonly Recorded[]>
