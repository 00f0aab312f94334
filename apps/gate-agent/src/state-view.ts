/**
 * The state of a gate as its staff page shows it: who it is, how it is connected, what it knows and what it does.
 */
import { adjustOccupancy, foldPresence } from '@gatehouse/domain'
import type { NamedCheck } from '@gatehouse/runtime'
import type { Doorkeeper } from './door/doorkeeper.ts'
import type { Handover } from './handover.ts'
import type { TrustedClock } from './health/clock-trust.ts'
import type { StateView } from './kiosk-api/wire.ts'
import type { Link } from './link/mqtt-link.ts'
import type { JournalStore, Mark, RosterStore } from './store/ports.ts'
import { SOFTWARE } from './version.ts'

export interface StateSources {
  readonly handover: Handover
  readonly roster: RosterStore & { hasNames(): boolean | undefined }
  readonly link: Pick<Link, 'state'>
  readonly door: Pick<Doorkeeper, 'state'>
  readonly trusted: TrustedClock
  readonly unsent: ReturnType<JournalStore['unsent']>
  readonly marks: readonly Mark[]
  readonly totals: StateView['decisions']
  readonly checks: readonly NamedCheck[]
  readonly appliedAt: number | undefined
}

export function stateView(from: StateSources): StateView {
  const { handover, roster, unsent, appliedAt } = from
  const hasNames = roster.hasNames()
  return {
    gate: { id: handover.gate, name: handover.name, lane: handover.lane, direction: handover.direction },
    event: eventView(handover, roster),
    link: from.link.state(),
    unsent: unsent.count,
    ...(unsent.oldestAt === undefined ? {} : { oldestUnsentAt: unsent.oldestAt }),
    clock: from.trusted.state(),
    roster: {
      cursor: roster.cursor('roster'),
      rows: roster.rows(),
      root: roster.root(),
      ...(hasNames === undefined ? {} : { hasNames }),
      ...(appliedAt === undefined ? {} : { appliedAt }),
    },
    presence: { cursor: roster.cursor('presence') },
    inside: insideOf(roster, from.marks),
    door: { state: from.door.state() },
    decisions: from.totals,
    checks: from.checks,
    software: SOFTWARE,
    now: from.trusted.now(),
  }
}

function eventView({ event }: Handover, roster: RosterStore): StateView['event'] {
  const { name, timeZone, startsAt, endsAt, zones, ticketTypes } = roster.rules() ?? {}
  return {
    id: event,
    ...(name !== undefined && { name }),
    ...(timeZone !== undefined && { timeZone }),
    ...(startsAt !== undefined && { startsAt }),
    ...(endsAt !== undefined && { endsAt }),
    ...(zones && { zones: zones.map(({ id, name: zone }) => ({ id, ...(zone !== undefined && { name: zone }) })) }),
    ...(ticketTypes && {
      ticketTypes: Object.fromEntries(
        Object.entries(ticketTypes).map(([id, type]) => [id, type.name === undefined ? {} : { name: type.name }]),
      ),
    }),
  }
}

/** Looked at for a page now and then; a backlog longer than this is not folded for it, the feed's count is shown. */
const MOST_MARKS = 2_000

function insideOf(roster: RosterStore, marks: readonly Mark[]): number {
  if (marks.length > MOST_MARKS) return roster.inside().event
  const changes = [...Map.groupBy(marks, ({ participant }) => participant)].map(([id, own]) => ({
    before: roster.presence(id),
    after: foldPresence(roster.presence(id), own),
  }))
  return adjustOccupancy(roster.inside(), changes).event
}
