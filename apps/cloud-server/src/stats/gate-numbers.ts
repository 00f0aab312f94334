/**
 * What is known of each gate: what it did (from the rollups), what it says of itself (its last status) and how far it follows the
 * roster. A gate that is away keeps its last word; `since` says how old that is.
 */
import type { EventId, GateId } from '@gatehouse/domain'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { loadOf, WINDOW_MIN, waitSecOf } from './numbers.ts'
import type { GateNumbers } from './overview-types.ts'

export interface GateRow {
  readonly id: GateId
  readonly name: string
  readonly zone: string | null
  readonly lane: string
  readonly direction: GateNumbers['direction']
  readonly capacity_per_minute: number
  readonly online: boolean
  readonly online_changed_at: Date | null
  readonly last_seen_at: Date | null
  readonly revoked_at: Date | null
  readonly last_status: unknown
  readonly count: number
  readonly exits: number
  readonly ble_auto: number
  readonly qr_scan: number
  readonly manual: number
  readonly denied: number
  readonly asked: number
  readonly took_us: number
  readonly took_count: number
  readonly last_at: Date | null
  readonly today: number
}

/** The slower part, read less often. */
export interface GateActivity {
  readonly recent: number
  readonly unique: number
  readonly parked: number
}

export interface Heads {
  readonly roster: number
  readonly presence: number
  readonly root: string | null
}

/** The members of a status that the pages show. It was checked when it came; this only finds them again in what was kept. */
const Shown = Type.Object({
  journal: Type.Optional(Type.Object({ unsent: Type.Integer(), oldestUnsentAt: Type.Optional(Type.Integer()) })),
  feeds: Type.Optional(
    Type.Array(
      Type.Object({
        event: Type.String(),
        feed: Type.String(),
        cursor: Type.Integer(),
        root: Type.Optional(Type.String()),
      }),
    ),
  ),
  clock: Type.Optional(Type.Object({ trust: Type.String() })),
  checks: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.Optional(Type.String()) })),
  ),
})
type Shown = Static<typeof Shown>

export function gateNumbers(
  row: GateRow,
  activity: GateActivity,
  heads: Heads,
  event: EventId,
  behindSince: (cursor: number) => number | null,
): GateNumbers {
  const status: Shown = Value.Check(Shown, row.last_status) ? row.last_status : {}
  const feed = (name: string) => status.feeds?.find((each) => each.event === event && each.feed === name)
  const [roster, presence] = [feed('roster'), feed('presence')]
  const load = loadOf(activity.recent, row.capacity_per_minute)
  return {
    id: row.id,
    name: row.name,
    zone: row.zone,
    lane: row.lane,
    direction: row.direction,
    state: stateOf(row),
    since: row.online_changed_at?.getTime() ?? null,
    unsent: status.journal?.unsent ?? null,
    oldestUnsentAt: status.journal?.oldestUnsentAt ?? null,
    rosterCursor: roster?.cursor ?? null,
    rosterHead: heads.roster,
    rosterBehindSince: roster && roster.cursor < heads.roster ? behindSince(roster.cursor) : null,
    presenceCursor: presence?.cursor ?? null,
    presenceHead: heads.presence,
    rosterOk:
      roster?.cursor === heads.roster && roster.root !== undefined && heads.root !== null
        ? roster.root === heads.root
        : null,
    clockTrust: status.clock?.trust ?? null,
    problems: (status.checks ?? [])
      .filter(({ ok }) => !ok)
      .map(({ name, detail }) => (detail === undefined ? { name } : { name, detail })),
    parked: activity.parked,
    total: row.count + row.exits,
    unique: activity.unique,
    today: row.today,
    denied: row.denied,
    byMethod: { ble_auto: row.ble_auto, qr_scan: row.qr_scan, manual: row.manual },
    averageMs: row.took_count > 0 ? Math.round(row.took_us / row.took_count / 10) / 100 : null,
    lastAt: row.last_at?.getTime() ?? null,
    perMinute: Math.round((10 * activity.recent) / WINDOW_MIN) / 10,
    capacityPerMinute: row.capacity_per_minute,
    load,
    waitSec: waitSecOf(load, row.capacity_per_minute),
  }
}

function stateOf(row: GateRow): GateNumbers['state'] {
  if (row.revoked_at) return 'revoked'
  if (row.online) return 'online'
  return row.last_seen_at ? 'away' : 'never'
}
