/**
 * The change feeds in PostgreSQL. Numbering happens on a connection of its own, one transaction at a time; pages are read on the pool and
 * never wait for it. The horizon stays 0: removals are kept as lines, and both feeds hold each row once.
 */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import type { FeedName } from '@gatehouse/protocol'
import type { Connection } from '../db/pool.ts'
import type { Writer } from '../db/writer.ts'
import { numberPresence, presenceAfter, presenceCoversOf } from './pg-presence-feed.ts'
import { numberRoster, rosterAfter, rosterDiffering } from './pg-roster-feed.ts'
import type { FeedStore, Numbered, PendingEvent } from './ports.ts'

const PENDING: Readonly<Record<FeedName, string>> = {
  roster:
    'SELECT org, id AS event FROM events.events e WHERE EXISTS (SELECT FROM roster.pending p WHERE p.event = e.id)',
  presence: `SELECT org, id AS event FROM events.events
    WHERE ref = ANY(ARRAY(SELECT DISTINCT unnest(event_refs) FROM attendance.presence_pending))`,
}

export function createPgFeedStore({
  numbering,
  pages,
  reader,
}: {
  numbering: Writer
  pages: Writer
  reader: Connection
}): FeedStore {
  async function headRow(event: EventId, feed: FeedName): Promise<{ head: number; horizon: number }> {
    const { rows } = await reader.query<{ head: number; horizon: number }>({
      name: 'feed-head',
      text: 'SELECT head, horizon FROM roster.heads WHERE event = $1 AND feed = $2',
      values: [event, feed],
    })
    return rows[0] ?? { head: 0, horizon: 0 }
  }

  return {
    async pending(feed) {
      const { rows } = await numbering.query<{ org: OrgId; event: EventId }>({
        name: `pending-${feed}`,
        text: PENDING[feed],
      })
      return rows satisfies PendingEvent[]
    },
    async number(events, feed, limit) {
      if (feed === 'presence') return numberPresence(numbering, limit)
      const all: Numbered[] = []
      for (const { org, event } of events) {
        const numbered = await numberRoster(numbering, event, limit)
        if (numbered) all.push({ ...numbered, org, event, covers: new Map() })
      }
      return all
    },
    head: async (event, feed) => (await headRow(event, feed)).head,
    horizon: async (event, feed) => (await headRow(event, feed)).horizon,
    after: (event, feed, cursor, atMostBytes) =>
      feed === 'presence'
        ? presenceAfter(reader, event, cursor, atMostBytes)
        : rosterAfter(reader, event, cursor, atMostBytes),
    coversOf: (event: EventId, gate: GateId) => presenceCoversOf(reader, event, gate),
    differing: (event, theirs, atMostBytes) => rosterDiffering(pages, event, theirs, atMostBytes),
  }
}
