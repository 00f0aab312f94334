/**
 * Who the crowd plays and where: the little that it needs to know of a person and of a gate. What is shown and sent is real; only
 * the people are not.
 */
export interface CrowdPerson {
  readonly id: string
  readonly ticketType: string
  readonly zones: readonly string[]
  /** The text of the person's QR code. */
  readonly ticket: string
  readonly badgeNumber?: number
}

export interface CrowdGate {
  readonly id: string
  readonly name: string
  readonly zone: string
  /** Where the gate's local HTTP API answers. */
  readonly http: string
  /** The folder whose pictures the gate scans. */
  readonly qrFolder: string
  /** The Unix socket on which the gate takes advertisements. */
  readonly bleSocket: string
}

/** What one of the crowd is about to do. `chance` is its own generator, so that visits do not disturb each other. */
export interface Visit {
  readonly kind: VisitKind
  readonly gate: CrowdGate
  readonly person?: CrowdPerson
  /** The text to show where it is not the person's own ticket. */
  readonly text?: string
  readonly chance: () => number
}

export type VisitKind =
  | 'ticket'
  | 'badge'
  | 'staff'
  | 'leaving'
  | 'shown-twice'
  | 'revoked'
  | 'wrong-door'
  | 'unknown'
  | 'other-event'
  | 'soup'

export const between = (random: () => number, from: number, to: number): number => from + random() * (to - from)
export const pick = <T>(random: () => number, list: readonly T[]): T | undefined =>
  list[Math.floor(random() * list.length)]
