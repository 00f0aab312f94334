/**
 * How many are inside as far as this gate knows, for events and zones with a capacity: the feed's counts, corrected by the people whose
 * passages here have not come back yet. That correction is kept from decision to decision and made anew only when the feed
 * has moved, over at most two thousand people: a gate that comes back with a day of backlog still answers at once.
 */
import { adjustOccupancy, foldPresence, type Occupancy, type Presence } from '@gatehouse/domain'
import type { JournalStore, Mark, RosterStore } from '../store/ports.ts'

export interface OccupancyCount {
  now(timeZone: string | undefined): Occupancy
  /** Somebody passed here. */
  passed(before: Presence | undefined, after: Presence | undefined): void
  /** What was known is no longer so (an undo). */
  forget(): void
}

const peopleAtMost = 2_000

export function createOccupancyCount(stores: {
  readonly roster: RosterStore
  readonly journal: JournalStore
}): OccupancyCount {
  const { roster, journal } = stores
  let known: { readonly cursor: number; readonly count: Occupancy } | undefined

  function recount(timeZone: string | undefined): Occupancy {
    const marksOf = new Map<Mark['participant'], Mark[]>()
    // The newest people first: they are the ones the feed knows least of.
    for (const mark of journal.marks().toReversed()) {
      const theirs = marksOf.get(mark.participant)
      if (theirs) theirs.push(mark)
      else if (marksOf.size < peopleAtMost) marksOf.set(mark.participant, [mark])
    }
    const changes = [...marksOf].map(([id, marks]) => {
      const before = roster.presence(id)
      return { before, after: foldPresence(before, marks, timeZone) }
    })
    return adjustOccupancy(roster.inside(), changes)
  }

  return {
    now(timeZone) {
      const cursor = roster.cursor('presence')
      if (known?.cursor !== cursor) known = { cursor, count: recount(timeZone) }
      return known.count
    },
    passed(before, after) {
      if (known) known = { ...known, count: adjustOccupancy(known.count, [{ before, after }]) }
    },
    forget() {
      known = undefined
    },
  }
}
