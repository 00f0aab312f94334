/**
 * How many are inside, for the event and by zone, folded from presences. A gate starts from the feed's counts and corrects them
 * by the few people whose presence it knows better, so that it never walks over two hundred thousand rows for one reading.
 */
import type { Presence } from './presence.ts'

export interface Occupancy {
  readonly event: number
  readonly byZone: ReadonlyMap<string, number>
}

/** A person whose presence differs from what the counts were made of. */
export interface PresenceChange {
  readonly before?: Presence | undefined
  readonly after?: Presence | undefined
}

function add(byZone: Map<string, number>, presence: Presence | undefined, by: 1 | -1): number {
  if (!presence?.inside) return 0
  if (presence.zone !== undefined) byZone.set(presence.zone, (byZone.get(presence.zone) ?? 0) + by)
  return by
}

/** Counts never go below zero, whatever the feed forgot to tell. */
export function adjustOccupancy(counts: Occupancy, changes: Iterable<PresenceChange>): Occupancy {
  const byZone = new Map(counts.byZone)
  let event = counts.event
  for (const { before, after } of changes) event += add(byZone, before, -1) + add(byZone, after, 1)
  for (const [zone, inside] of byZone) if (inside <= 0) byZone.delete(zone)
  return { event: Math.max(0, event), byZone }
}

export function occupancyOf(presences: Iterable<Presence>): Occupancy {
  const byZone = new Map<string, number>()
  let event = 0
  for (const presence of presences) event += add(byZone, presence, 1)
  return { event, byZone }
}
