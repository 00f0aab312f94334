/**
 * Remembers when each head of a roster was first seen here, so that it can be said since when a gate is behind. Bounded and made
 * anew after a restart: then nothing is claimed until the head moves again.
 */
import type { EventId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'

export interface HeadTimes {
  note(event: EventId, head: number): void
  /** When the first head beyond `cursor` was seen; null when that was not seen here. */
  after(event: EventId, cursor: number): number | null
}

const HEADS_PER_EVENT = 200
const EVENTS = 500

export function createHeadTimes(clock: Clock): HeadTimes {
  const events = new Map<EventId, { head: number; at: number }[]>()

  return {
    note(event, head) {
      const seen = events.get(event) ?? []
      if (seen.length > 0 && (seen.at(-1)?.head ?? 0) >= head) return
      seen.push({ head, at: clock.now() })
      if (seen.length > HEADS_PER_EVENT) seen.shift()
      const oldest = events.size >= EVENTS && !events.has(event) ? events.keys().next().value : undefined
      if (oldest !== undefined) events.delete(oldest)
      events.set(event, seen)
    },
    after(event, cursor) {
      const seen = events.get(event) ?? []
      const index = seen.findIndex(({ head }) => head > cursor)
      // The very first one may have been there long before this process looked.
      return index > 0 ? (seen[index]?.at ?? null) : null
    },
  }
}
