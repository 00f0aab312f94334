/**
 * What happened to a participant so far: inside or not, how often they came. The cloud folds it from the facts, the gate
 * folds its own not yet returned marks on top, both with the same fold.
 */
import type { GateId, ParticipantId } from './ids.ts'

export type Direction = 'entry' | 'exit'

export interface Presence {
  readonly id: ParticipantId
  readonly inside: boolean
  readonly zone?: string
  readonly entries: number
  readonly lastAt: number
  readonly lastGate: GateId
  readonly lastDirection: Direction
  /** When they first came in; gates learn it from their own marks and, optionally, from the feed. */
  readonly firstAt?: number
  /** Local days (YYYY-MM-DD in the event's zone) with an entry, for rules about "on how many days" and "today". */
  readonly days?: Readonly<Record<string, number>>
}

/** One admitted movement: the input of the fold. */
export interface Passage {
  readonly participant: ParticipantId
  readonly gate: GateId
  readonly direction: Direction
  readonly at: number
  readonly zone?: string
}
