/**
 * What the gate agent tells this screen and what may be asked of it: the shapes of its local HTTP API. Nothing here decides
 * anything; the agent on the other side of the cable does, with or without a cloud.
 */
import type { Decision, Direction, EntryPolicy, ParticipantStatus, Via } from '@gatehouse/domain'
import { type Asked, ask, mapAsked } from '@gatehouse/ui'

interface PersonPresence {
  readonly inside: boolean
  readonly entries: number
  readonly lastAt: number
  readonly lastGate: string
  readonly lastGateName?: string
  readonly lastDirection: Direction
}

export interface Person {
  readonly id: string
  readonly name?: string
  readonly status: ParticipantStatus
  readonly ticketType: string
  readonly zones: readonly string[]
  readonly entryPolicy: EntryPolicy
  readonly maxEntries?: number
  readonly attention?: string
  readonly presence?: PersonPresence
}

export interface Answer {
  /** Place in the gate's journal; missing when nothing was written (a repeated reading). */
  readonly seq?: number
  readonly at: number
  readonly lane: string
  readonly direction: Direction
  readonly via: Via
  readonly decision: Decision
  readonly participant?: Person
  readonly staff?: string
  readonly undone?: boolean
}

interface Named {
  readonly name?: string
}

export interface GateState {
  readonly gate: {
    readonly id: string
    readonly name?: string
    readonly lane: string
    readonly direction: Direction | 'both'
  }
  readonly event: {
    readonly id: string
    readonly name?: string
    readonly timeZone?: string
    readonly startsAt?: number
    readonly endsAt?: number
    readonly zones?: readonly (Named & { readonly id: string })[]
    readonly ticketTypes?: Readonly<Record<string, Named>>
  }
  readonly link: { readonly state: 'up' | 'away' | 'never'; readonly sinceAt?: number }
  readonly unsent: number
  readonly oldestUnsentAt?: number
  readonly clock: { readonly trust: 'synced' | 'holdover' | 'unknown' }
  readonly roster: {
    readonly cursor: number
    readonly rows: number
    readonly appliedAt?: number
    readonly hasNames?: boolean
  }
  readonly inside?: number
  readonly door?: { readonly state: string }
  readonly decisions?: { readonly total: number; readonly admit: number; readonly deny: number; readonly ask: number }
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]
  readonly software?: string
  readonly now: number
}

export interface CheckIn {
  readonly participant: string
  readonly staff: string
  readonly direction?: Direction
  readonly override?: { readonly note: string }
}

export interface GateApi {
  readonly recent: () => Promise<Asked<{ readonly answers: readonly Answer[] }>>
  readonly find: (words: string, signal: AbortSignal) => Promise<Asked<readonly Person[]>>
  readonly checkIn: (request: CheckIn) => Promise<Asked<Answer>>
  readonly scan: (ticket: string | Blob) => Promise<Asked<Answer>>
  readonly undo: (request: { readonly seq: number; readonly staff: string }) => Promise<Asked<unknown>>
}

export const livePath = '/api/v1/live'
export const liveNames = ['answer', 'undone', 'state'] as const

export const gateApi: GateApi = {
  recent: () => ask('/api/v1/recent?limit=5'),
  async find(words, signal) {
    const asked = await ask<{ people: readonly Person[] }>(`/api/v1/find?q=${encodeURIComponent(words)}`, { signal })
    return mapAsked(asked, ({ people }) => people)
  },
  checkIn: (request) => ask('/api/v1/check-in', { body: request }),
  scan: (ticket) => ask('/api/v1/scan', { body: ticket, method: 'POST' }),
  undo: (request) => ask('/api/v1/undo', { body: request }),
}
