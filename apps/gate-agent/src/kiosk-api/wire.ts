/**
 * What the staff page and local programs read from a gate. Names appear here only when the organizer gives them to gates; the
 * shapes are additive, so a page must ignore what it does not know.
 */
import type { Decision, Direction, Participant, Presence, Via } from '@gatehouse/domain'

export interface PersonView extends Omit<Participant, 'credentials'> {
  readonly presence?: Presence & { readonly lastGateName?: string }
}

export interface AnswerView {
  /** Missing when nothing was journalled: the same reading again. */
  readonly seq?: number
  /** Unix ms. */
  readonly at: number
  readonly lane: string
  readonly direction: Direction
  readonly via: Via
  readonly decision: Omit<Decision, 'participant'>
  readonly participant?: PersonView
  readonly staff?: string
  readonly undone?: true
}

export interface CheckView {
  readonly name: string
  readonly ok: boolean
  readonly detail?: string
  /** When it took on its present value, Unix ms. */
  readonly sinceMs: number
}

export interface StateView {
  readonly gate: { readonly id: string; readonly name: string; readonly lane: string; readonly direction: string }
  readonly event: {
    readonly id: string
    readonly name?: string
    readonly timeZone?: string
    readonly startsAt?: number
    readonly endsAt?: number
    readonly zones?: readonly { readonly id: string; readonly name?: string }[]
    readonly ticketTypes?: Readonly<Record<string, { readonly name?: string }>>
  }
  readonly link: { readonly state: 'up' | 'away' | 'never'; readonly sinceAt: number }
  readonly unsent: number
  readonly oldestUnsentAt?: number
  readonly clock: { readonly trust: string; readonly offsetMs: number; readonly errorMs: number }
  readonly roster: {
    readonly cursor: number
    readonly rows: number
    readonly root: string
    /** False: the organizer gives no names to gates, so nobody can be found by name. */
    readonly hasNames?: boolean
    readonly appliedAt?: number
  }
  readonly presence: { readonly cursor: number }
  readonly inside: number
  readonly door: { readonly state: string }
  readonly decisions: { readonly total: number; readonly admit: number; readonly deny: number; readonly ask: number }
  readonly checks: readonly CheckView[]
  readonly software: string
  readonly now: number
}

/** What goes out on the live stream. */
export type LiveMessage =
  | { readonly event: 'answer'; readonly data: AnswerView }
  | { readonly event: 'undone'; readonly data: { readonly seq: number } }
  | { readonly event: 'state'; readonly data: StateView }

export function personView(
  participant: Participant,
  presence: Presence | undefined,
  gateName: (id: string) => string | undefined,
): PersonView {
  const { credentials: _, ...person } = participant
  if (!presence) return person
  const lastGateName = gateName(presence.lastGate)
  return { ...person, presence: { ...presence, ...(lastGateName === undefined ? {} : { lastGateName }) } }
}
