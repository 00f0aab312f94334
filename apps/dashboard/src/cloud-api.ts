/**
 * What the cloud tells these pages and what may be asked of it: the shapes of its HTTP API and of its live messages. Instants are
 * Unix milliseconds of the cloud's clock; a missing value is `null` on the wire.
 */
import type { Decision, Direction, EntryPolicy, EventRules, ParticipantStatus } from '@gatehouse/domain'
import { type Asked, ask, mapAsked } from '@gatehouse/ui'

export interface Session {
  readonly org: string
  readonly name: string
  readonly scopes: readonly string[]
}

export interface EventSummary {
  readonly id: string
  readonly name: string
  readonly timeZone: string
  readonly startsAt: number | null
  readonly endsAt: number | null
  readonly rules?: EventRules
}

export interface Totals {
  readonly participants: number
  readonly arrived: number
  readonly rate: number
  readonly inside: number
  readonly entries: number
  readonly exits: number
  readonly denied: number
  readonly asked: number
  readonly doubleEntries: number
  readonly perMinute: number
  readonly trend: 'rising' | 'steady' | 'falling'
  readonly lastAt: number | null
}

export interface GateNumbers {
  readonly id: string
  readonly name: string
  readonly zone: string | null
  readonly lane: string
  readonly direction: Direction | 'both'
  readonly state: 'online' | 'away' | 'never' | 'revoked'
  readonly since: number | null
  readonly unsent: number | null
  readonly oldestUnsentAt: number | null
  readonly rosterCursor: number | null
  readonly rosterHead: number
  readonly rosterOk: boolean | null
  readonly rosterBehindSince?: number | null
  readonly parked?: number
  readonly problems: readonly { readonly name: string; readonly detail?: string }[]
  readonly total: number
  readonly denied: number
  readonly lastAt: number | null
  readonly perMinute: number
  readonly load: number
  readonly waitSec: number
}

export interface Minute {
  readonly at: number
  readonly entries: number
  readonly exits: number
}

export interface Overview {
  readonly event: EventSummary
  readonly at: number
  readonly totals: Totals
  readonly gates: readonly GateNumbers[]
  readonly minutes: readonly Minute[]
}

type Method = 'ble_auto' | 'qr_scan' | 'manual'

export interface Scan {
  readonly id: string
  readonly at: number
  readonly gateName: string
  readonly direction: Direction
  readonly method: Method
  readonly outcome: 'admit' | 'deny' | 'ask'
  readonly reason: string | null
  readonly name: string | null
  readonly ticketType: string | null
  readonly offline: boolean
  readonly flags: readonly string[]
}

/** What comes over the live connection. `seq` rises by one; after a hole the server sends a snapshot. */
export type LiveMessage =
  | {
      readonly type: 'snapshot'
      readonly seq: number
      readonly at: number
      readonly overview: Overview
      readonly scans: readonly Scan[]
    }
  | {
      readonly type: 'stats.updated'
      readonly seq: number
      readonly at: number
      readonly totals?: Totals
      readonly gates?: readonly GateNumbers[]
      readonly minutes?: readonly Minute[]
      readonly scans?: readonly Scan[]
    }
  | { readonly type: 'tick'; readonly seq: number; readonly at: number }

interface Passing {
  readonly gateName: string
  readonly at: number
}

export interface DoubleEntry {
  readonly id: string
  readonly participant: string
  readonly name: string | null
  readonly ticketType: string | null
  readonly first: Passing
  readonly second: Passing
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly ticketType: string
  readonly status: ParticipantStatus
  readonly zones: readonly string[]
  readonly entryPolicy: EntryPolicy
  readonly maxEntries: number | null
  readonly attention: string | null
  readonly presence: {
    readonly inside: boolean
    readonly entries: number
    readonly lastAt: number
    readonly lastGateName: string | null
    readonly lastDirection: Direction
  } | null
}

export interface DeskCheckIn {
  readonly participantId: string
  readonly gateId: string
  readonly staff?: string
  readonly direction: Direction
  readonly override?: { readonly note: string }
}

export interface DeskAnswer {
  readonly decision: Decision
  readonly person: Person
  readonly record: { readonly id: string; readonly timestamp: string | number } | null
}

interface List<Item> {
  readonly items: readonly Item[]
}

async function list<Item>(path: string, signal?: AbortSignal): Promise<Asked<readonly Item[]>> {
  const asked = await ask<List<Item>>(path, signal ? { signal } : {})
  return mapAsked(asked, ({ items }) => items)
}

export const cloud = {
  session: () => ask<Session>('/api/v1/session'),
  signIn: (key: string) => ask<Session>('/api/v1/session', { body: { key } }),
  signOut: () => ask('/api/v1/session', { method: 'DELETE' }),
  events: () => list<EventSummary>('/api/v1/events'),
  livePath: (event: string) => `/api/v1/events/${event}/live`,
  gates: (event: string) => list<GateNumbers>(`/api/v1/events/${event}/gates`),
  doubleEntries: (event: string) => list<DoubleEntry>(`/api/v1/events/${event}/double-entries?limit=50`),
  deskFind: (event: string, words: string, signal: AbortSignal) =>
    list<Person>(`/api/v1/events/${event}/desk/find?q=${encodeURIComponent(words)}`, signal),
  /** The same `press` sent twice is one check-in. */
  deskCheckIn: (event: string, press: string, request: DeskCheckIn) =>
    ask<DeskAnswer>(`/api/v1/events/${event}/desk/check-in`, { body: request, headers: { 'idempotency-key': press } }),
}

export type Cloud = typeof cloud
