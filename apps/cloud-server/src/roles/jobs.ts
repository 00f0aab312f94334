/** What has to be done now and then: tables kept in shape, tails without a signature looked for, the outbox relayed. */
import type { Clock, Logger, Metrics, Service } from '@gatehouse/runtime'
import type { Database } from '../db/open.ts'
import { type OutboxMessage, takeOutbox } from '../db/outbox.ts'
import { createWriter } from '../db/writer.ts'
import { hourly } from '../jobs/hourly.ts'
import { createUnsignedTails } from '../jobs/unsigned-tails.ts'

export interface JobNeeds {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly relay: (message: OutboxMessage) => void
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const RELAY_EVERY_MS = 250
const RELAY_AT_ONCE = 500

export function createJobs({ database, clock, logger, metrics, relay }: JobNeeds): readonly Service[] {
  const writer = createWriter({ url: database.url, name: 'jobs', planFor: 'rows' })
  const alertUnsigned = createUnsignedTails({ connection: writer, clock, logger, metrics })

  const every = (pauseMs: number, work: () => Promise<unknown>) => async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await work()
      await clock.sleep(pauseMs, signal)
    }
  }

  async function relayOutbox(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const messages = await takeOutbox(database.pool, RELAY_AT_ONCE)
      for (const message of messages) relay(message)
      if (messages.length < RELAY_AT_ONCE) await clock.sleep(RELAY_EVERY_MS, signal)
    }
  }

  return [
    { name: 'unsigned tails', run: every(MINUTE_MS, alertUnsigned) },
    { name: 'jobs', run: every(HOUR_MS, () => hourly({ writer, clock, logger })), stop: () => writer.end() },
    { name: 'outbox relay', run: relayOutbox },
  ]
}
