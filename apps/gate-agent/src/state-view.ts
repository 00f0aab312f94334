/**
 * The state of a gate as its staff page shows it: who it is, how it is connected, what it knows and what it does.
 */
import { adjustOccupancy, foldPresence } from '@gatehouse/domain'
import type { CloudSide } from './cloud-side.ts'
import type { Doorkeeper } from './door/doorkeeper.ts'
import type { Handover } from './handover.ts'
import type { Instruments } from './instruments.ts'
import type { StateView } from './kiosk-api/wire.ts'
import type { Mark, RosterStore } from './store/ports.ts'
import type { Stores } from './stores.ts'
import { SOFTWARE } from './version.ts'

export interface StateSources {
  readonly handover: Handover
  readonly stores: Pick<Stores, 'journal' | 'roster' | 'trusted'>
  readonly cloud: Pick<CloudSide, 'link' | 'appliedAt'>
  readonly door: Pick<Doorkeeper, 'state'>
  readonly instruments: Pick<Instruments, 'times' | 'health'>
}

export function stateView(from: StateSources): StateView {
  const { handover, cloud, instruments } = from
  const { journal, roster, trusted } = from.stores
  const unsent = journal.unsent()
  const appliedAt = cloud.appliedAt()
  const hasNames = roster.hasNames()
  return {
    gate: { id: handover.gate, name: handover.name, lane: handover.lane, direction: handover.direction },
    event: eventView(handover, roster),
    link: cloud.link.state(),
    unsent: unsent.count,
    ...(unsent.oldestAt === undefined ? {} : { oldestUnsentAt: unsent.oldestAt }),
    clock: trusted.state(),
    roster: {
      cursor: roster.cursor('roster'),
      rows: roster.rows(),
      root: roster.root(),
      ...(hasNames === undefined ? {} : { hasNames }),
      ...(appliedAt === undefined ? {} : { appliedAt }),
    },
    presence: { cursor: roster.cursor('presence') },
    inside: insideOf(roster, journal.marks()),
    door: { state: from.door.state() },
    decisions: instruments.times.totals(),
    checks: instruments.health.report().checks,
    software: SOFTWARE,
    now: trusted.now(),
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
