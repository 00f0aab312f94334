/** Changes go down: pages for gates that ask, and what was numbered published to those that listen. */
import type { OrgId } from '@gatehouse/domain'
import type { Clock, Health, Service } from '@gatehouse/runtime'
import type { Database } from '../db/open.ts'
import { createWriter } from '../db/writer.ts'
import { createPages, type Pages } from '../downlink/pages.ts'
import { createPgFeedStore } from '../downlink/pg-feed-store.ts'
import { createPublisher } from '../downlink/publisher.ts'
import type { Authority } from '../gates/authority.ts'

export interface GateDownlinkNeeds {
  readonly database: Database
  readonly authority: Authority
  readonly clock: Clock
  readonly health: Health
  readonly broadcast: (topic: string, payload: Uint8Array) => void
}

export interface GateDownlink {
  readonly pages: Pages
  readonly service: Service
}

const PUBLISH_EVERY_MS = 200
const TURNS_WITHIN_MS = 30_000
/** Larger than the default: each numbering of a roster costs a few round trips, and an import should be at the gates in seconds. */
const NUMBER_LINES = 1_000

export function createGateDownlink({ database, authority, clock, health, broadcast }: GateDownlinkNeeds): GateDownlink {
  const numbering = createWriter({ url: database.url, name: 'numbering', planFor: 'rows' })
  const pagesWriter = createWriter({ url: database.url, name: 'pages', planFor: 'rows' })
  const store = createPgFeedStore({ numbering, pages: pagesWriter, reader: database.pool })
  const sign = (org: OrgId, topic: string, header: object) => authority.signDownlink(org, topic, header)
  const publisher = createPublisher({
    store,
    publish: async (topic, payload) => broadcast(topic, payload),
    sign,
    settings: { numberLines: NUMBER_LINES },
  })
  const turned = health.beat('downlink', TURNS_WITHIN_MS)
  const service: Service = {
    name: 'downlink',
    async run(signal) {
      while (!signal.aborted) {
        await publisher.turn()
        turned()
        await clock.sleep(PUBLISH_EVERY_MS, signal)
      }
    },
    stop: async () => void (await Promise.all([numbering.end(), pagesWriter.end()])),
  }
  return { pages: createPages({ store, sign }), service }
}
