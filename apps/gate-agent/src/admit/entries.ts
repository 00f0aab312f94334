/**
 * The words in which the gate tells its journal what happened. An entry says when (by both clocks, and how far the wall clock may
 * be believed) and what was known then, so that a decision can be understood and replayed long after.
 */
import type { ClockTrust, CredentialKey, Decision, Facts, Reading } from '@gatehouse/domain'
import type { FeedName, JournalEntry } from '@gatehouse/protocol'

/** Stands where no credential was shown: staff chose a person, or nothing could be read. */
export const noCredential = '0'.repeat(32) as CredentialKey

export interface ClockState {
  readonly trust: ClockTrust
  readonly offsetMs: number
  readonly errorMs: number
}

/** What every entry carries besides its own words. */
export interface Moment {
  readonly at: number
  readonly monoMs: number
  readonly boot: string
  readonly clock: ClockState
}

export interface Known {
  readonly facts: Facts
  readonly cursor: (feed: FeedName) => number
  readonly offline: boolean
  readonly tookUs: number
}

export function credentialOf({ presented }: Reading): CredentialKey {
  return presented.kind === 'credential' ? presented.key : noCredential
}

export function decisionEntry(reading: Reading, decision: Decision, moment: Moment, known: Known): JournalEntry {
  const reason = decision.reason ?? decision.overridden
  const staff = reading.override?.staff ?? reading.staff
  return {
    ...moment,
    kind: 'decision',
    event: reading.event,
    lane: reading.lane,
    direction: decision.direction,
    via: reading.via,
    credential: credentialOf(reading),
    ...(decision.participant && { participant: decision.participant }),
    outcome: decision.outcome,
    ...(reason && { reason }),
    ...(decision.rule && { rule: decision.rule }),
    rosterCursor: known.facts.roster.cursor,
    presenceCursor: known.cursor('presence'),
    tookUs: known.tookUs,
    ...(staff && { staff }),
    ...(reading.override && { override: reading.override }),
    offline: known.offline,
    ...(reading.rssi !== undefined && { rssi: reading.rssi }),
    ...(decision.flags && { flags: decision.flags }),
  }
}
