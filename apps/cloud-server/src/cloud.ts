/**
 * One cloud process, put together along the way of the data: keys, the rooms of the organizer, the side that faces the gates, the side that
 * faces people. This is the place to look to see what exists. It owns no behaviour of its own; each part that is made here is
 * joined in a file of its name in `roles/`.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { EventId } from '@gatehouse/domain'
import { type Clock, createHealth, createMetrics, type Logger, type Service } from '@gatehouse/runtime'
import { createRooms, type Rooms } from './api/rooms.ts'
import type { CloudConfig } from './config.ts'
import type { Database } from './db/open.ts'
import { openAuthority } from './gates/authority.ts'
import { ensurePartitions } from './jobs/partitions.ts'
import { urlOfBroker } from './roles/broker-address.ts'
import { ensureFirstKey } from './roles/first-key.ts'
import { createGateSide, type GateSide } from './roles/gate-side.ts'
import { openHttpSide } from './roles/http-side.ts'
import { createJobs } from './roles/jobs.ts'
import { newId as newIdAt } from './roles/new-id.ts'
import { createReadiness } from './roles/readiness.ts'
import { createRequestRecords } from './roles/request-records.ts'
import type { Role } from './roles/roles.ts'

export interface CloudNeeds {
  readonly config: CloudConfig
  readonly roles: ReadonlySet<Role>
  readonly dataDir: string
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  /** Text for the terminal that must not be in the log. */
  readonly say: (text: string) => void
  /** Folder of the built dashboard. */
  readonly pagesDir: string
}

export interface Cloud {
  readonly http: string
  /** Empty in a process without the role ingest. */
  readonly mqtt: string
  readonly services: readonly Service[]
  /** After everything has ended. */
  close(): Promise<void>
}

export async function createCloud(needs: CloudNeeds): Promise<Cloud> {
  const { config, roles, dataDir, database, clock } = needs
  const { pool } = database
  const shared = { ...needs, metrics: createMetrics(), health: createHealth(clock) }
  const newId = () => newIdAt(clock.now())
  await ensurePartitions(pool, clock.now())
  const keys = { folder: join(dataDir, 'keys'), clock, connection: pool, hosts: config['mqtt.names'] }
  const authority = await openAuthority(keys)
  await ensureFirstKey({ ...needs, pool, randomBytes, newId })

  // The rooms come first, because the gates speak from the moment their side is there; what the rooms want of gates they ask for later.
  let gates: GateSide | undefined
  const mqtt = () => (gates ? urlOfBroker(config, gates.broker.port) : '')
  const requests = createRequestRecords({ ...needs, newId })
  const rooms = createRooms({
    ...shared,
    pool,
    randomBytes,
    newId,
    record: requests.record,
    ticketKeys: authority.ticketKeys,
    issueHandover: (gate) => authority.issueHandover(gate, mqtt()),
    cutGate: (gate) => gates?.broker.disconnect(gate),
  })
  const jobs = roles.has('jobs')
    ? createJobs({ ...shared, relay: ({ event }) => void (event && rooms.live.wake(event)) })
    : []
  const committed = (events: ReadonlySet<EventId>) => {
    for (const event of events) rooms.live.wake(event)
  }
  if (roles.has('ingest')) gates = await createGateSide({ ...shared, authority, committed })
  const readiness = createReadiness({ ...shared, connection: pool, broker: gates?.broker })
  const http = await openHttpSide({ ...shared, rooms, readiness })

  return {
    http: http.url,
    mqtt: mqtt(),
    // They are drained from the last to the first: no more requests, then no more gates, then the rest is told and done.
    services: [...jobs, ...roomServices(rooms, roles), ...(gates?.services ?? []), http.service],
    close: () => requests.close(),
  }
}

function roomServices({ live, sweep }: Rooms, roles: ReadonlySet<Role>): Service[] {
  const services: Service[] = []
  if (roles.has('live')) services.push({ name: 'live', run: (signal) => live.run(signal), drain: () => live.drain() })
  if (roles.has('api')) services.push({ name: 'sweep', run: (signal) => sweep.run(signal) })
  return services
}
