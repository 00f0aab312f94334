// The contract of ingest and feed stores, which the simulator's maps pass too, on PostgreSQL.
import { systemClock } from '@gatehouse/runtime'
import { freshDatabase } from '@gatehouse/testkit'
import { afterEach } from 'vitest'
import { ingestContract } from '../../../../test/sim/store-contract.ts'
import { eventIdOf, gateIdOf, makeVenue, personIdOf } from '../../test/venue.ts'
import { migrate } from '../db/migrate.ts'
import { createWriter } from '../db/writer.ts'
import { createPgFeedStore } from '../downlink/pg-feed-store.ts'
import { createPgIngestStore } from './pg-ingest-store.ts'

const open: { end(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.end()
})

ingestContract('PostgreSQL', async () => {
  const database = await freshDatabase(async (url) => void (await migrate(url)))
  const { org } = await makeVenue(database.url, { events: 1, gates: 2, people: 2, startsAt: Date.UTC(2026, 10, 20, 9) })
  const writer = createWriter({ url: database.url, name: 'ingest' })
  const feeds = createWriter({ url: database.url, name: 'feeds', planFor: 'rows' })
  open.push({
    async end() {
      await Promise.all([writer.end(), feeds.end()])
      await database.drop()
    },
  })
  const store = {
    ...createPgIngestStore({ writer, clock: systemClock, number: 0 }),
    ...createPgFeedStore({ numbering: feeds, pages: feeds, reader: feeds }),
  }
  return { store, org, event: eventIdOf(0), gate: gateIdOf(0), people: [personIdOf(0), personIdOf(1)] }
})
