// Protocol §4: "The cloud raises an alert when a gate's unsigned tail is older than 5 minutes", through the store that ingest writes with.
import type { EpochId } from '@gatehouse/domain'
import { createMetrics, type Logger, type Metrics } from '@gatehouse/runtime'
import { createVirtualClock, freshDatabase } from '@gatehouse/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createJournal, decision } from '../../test/journal.ts'
import { eventIdOf, gateIdOf, makeVenue } from '../../test/venue.ts'
import { migrate } from '../db/migrate.ts'
import { createWriter, type Writer } from '../db/writer.ts'
import { createPgIngestStore } from '../ingest/pg-ingest-store.ts'
import type { GateBatch, IngestStore } from '../ingest/ports.ts'
import { createUnsignedTails } from './unsigned-tails.ts'

const nine = Date.parse('2026-11-20T09:00:00Z')
const MINUTE_MS = 60_000
const epoch = '0198c3a8-0000-7000-8000-0000000000e1' as EpochId

let database: Awaited<ReturnType<typeof freshDatabase>>
let writer: Writer
let store: IngestStore
let unsignedBatch: GateBatch
let clock: ReturnType<typeof createVirtualClock>
let metrics: Metrics
const warn = vi.fn()
let look: ReturnType<typeof createUnsignedTails>

beforeEach(async () => {
  clock = createVirtualClock(nine)
  metrics = createMetrics()
  warn.mockReset()
  database = await freshDatabase(async (url) => void (await migrate(url)))
  const { org } = await makeVenue(database.url, { events: 1, gates: 2, people: 2, startsAt: nine })
  writer = createWriter({ url: database.url, name: 'test' })
  store = createPgIngestStore({ writer, clock, number: 0 })
  const journal = createJournal({ org, gate: gateIdOf(0), epoch })
  const checked = journal.batch([decision({ event: eventIdOf(0), at: nine })], nine)
  unsignedBatch = { ...checked, after: { ...checked.after, unsignedSince: nine } }
  look = createUnsignedTails({ connection: writer, clock, metrics, logger: { warn } as unknown as Logger })
})
afterEach(async () => {
  await writer.end()
  await database.drop()
})

test('a tail without a signature is alerted when it is older than five minutes, and no longer once it is signed', async () => {
  await store.commit([unsignedBatch])
  await clock.advance(5 * MINUTE_MS)
  expect(await look()).toEqual([])
  expect(warn).not.toHaveBeenCalled()

  await clock.advance(1)
  expect(await look()).toEqual([{ gate: gateIdOf(0), epoch, since: new Date(nine) }])
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    { gate: gateIdOf(0), epoch, since: new Date(nine) },
    expect.stringContaining('without a signature'),
  )
  expect(await metrics.text()).toMatch(/^gatehouse_ingest_unsigned_tails 1$/m)

  const { unsignedSince: _, ...signed } = unsignedBatch.after
  const after = { ...signed, signedTo: 1, revision: signed.revision + 1 }
  await store.commit([{ ...unsignedBatch, facts: [], raw: [], before: unsignedBatch.after, after }])
  expect(await look()).toEqual([])
  expect(await metrics.text()).toMatch(/^gatehouse_ingest_unsigned_tails 0$/m)
})

test('check-ins by request have no signature and are no reason for an alert', async () => {
  await store.commit([unsignedBatch])
  await writer.query({ text: 'UPDATE attendance.epochs SET requests = true' })
  await clock.advance(60 * MINUTE_MS)
  expect(await look()).toEqual([])
})
