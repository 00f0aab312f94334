/**
 * Requests to record attendance over HTTP. Unlike a gate's facts they may be refused: the checks are those of the published
 * API, in its order, and the first that fails is the answer. Nothing is read here; the caller looks up and passes in.
 */
import { defaults, isWithin } from './judgement.ts'
import type { ParticipantStatus } from './participant.ts'
import type { EventRules } from './rules.ts'

export interface AttendanceRequest {
  /** The request's timestamp, Unix ms. */
  readonly at: number
  /** Undefined: there is no such participant. */
  readonly participant: { readonly status: ParticipantStatus } | undefined
  /** Undefined: there is no such gate. */
  readonly gate: { readonly isActive: boolean } | undefined
  readonly rules: Pick<EventRules, 'startsAt' | 'endsAt' | 'graceSec' | 'duplicateWindowSec'>
  /** Of the records of this participant at this gate, the one nearest to `at`, Unix ms. */
  readonly nearestAt?: number | undefined
}

export type RequestVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly status: 404
      readonly code: 'participant-not-found' | 'gate-not-found' | 'gate-not-active'
    }
  | {
      readonly ok: false
      readonly status: 400
      readonly code: 'participant-not-active'
      readonly participant: ParticipantStatus
    }
  /** The instants between which a timestamp would have been taken. */
  | {
      readonly ok: false
      readonly status: 400
      readonly code: 'outside-hours'
      readonly opensAt?: number
      readonly closesAt?: number
    }
  | {
      readonly ok: false
      readonly status: 409
      readonly code: 'duplicate'
      readonly recordedAt: number
      readonly windowSec: number
    }

function hoursOf({ startsAt, endsAt, graceSec = defaults.graceSec }: AttendanceRequest['rules']) {
  return {
    ...(startsAt !== undefined && { opensAt: startsAt - graceSec * 1000 }),
    ...(endsAt !== undefined && { closesAt: endsAt + graceSec * 1000 }),
  }
}

export function judgeRequest({ at, participant, gate, rules, nearestAt }: AttendanceRequest): RequestVerdict {
  if (!participant) return { ok: false, status: 404, code: 'participant-not-found' }
  if (participant.status !== 'active') {
    return { ok: false, status: 400, code: 'participant-not-active', participant: participant.status }
  }
  if (!gate) return { ok: false, status: 404, code: 'gate-not-found' }
  if (!gate.isActive) return { ok: false, status: 404, code: 'gate-not-active' }
  const { opensAt = Number.NEGATIVE_INFINITY, closesAt = Number.POSITIVE_INFINITY } = hoursOf(rules)
  if (!(at >= opensAt && at <= closesAt)) return { ok: false, status: 400, code: 'outside-hours', ...hoursOf(rules) }
  const windowSec = rules.duplicateWindowSec ?? defaults.duplicateWindowSec
  if (nearestAt !== undefined && isWithin(at, nearestAt, windowSec)) {
    return { ok: false, status: 409, code: 'duplicate', recordedAt: nearestAt, windowSec }
  }
  return { ok: true }
}
