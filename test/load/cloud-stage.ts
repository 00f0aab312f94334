/** The gate side of a cloud server, in this process, on a database of its own with a venue in it: what the benches of the cloud stand on. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CloudConfig, options } from '@gatehouse/cloud-server/config.ts'
import { type Database, openDatabase } from '@gatehouse/cloud-server/db/open.ts'
import { type Authority, openAuthority } from '@gatehouse/cloud-server/gates/authority.ts'
import { ensurePartitions } from '@gatehouse/cloud-server/jobs/partitions.ts'
import { createGateSide } from '@gatehouse/cloud-server/roles/gate-side.ts'
import { createHealth, createLogger, createMetrics, loadConfig, runServices, systemClock } from '@gatehouse/runtime'
import { makeVenue, type Venue, type VenuePlan } from '../../apps/cloud-server/test/venue.ts'

export interface Stage {
  readonly config: CloudConfig
  readonly database: Database
  readonly authority: Authority
  readonly venue: Venue
  readonly folder: string
  end(): Promise<void>
}

const clock = systemClock
const logger = createLogger({ name: 'bench', level: 'error' })

/** `sets` as for `--set`. DATABASE_URL names a server to use instead of an embedded one; it has to be empty. */
export async function openStage(plan: VenuePlan, sets: readonly string[]): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  await chmod(folder, 0o711)
  const always = ['http.port=0', 'mqtt.port=0', 'mqtt.connectBurst=100000', `data.dir=${folder}`]
  const config = loadConfig(options, { env: {}, envPrefix: 'GATEHOUSE_', sets: [...always, ...sets] })
  const url = process.env.DATABASE_URL
  const database = await openDatabase({ url, dataDir: folder, connections: 10, clock, logger })
  await ensurePartitions(database.pool, clock.now())
  const venue = await makeVenue(database.url, plan)
  const authority = await openAuthority({ folder: join(folder, 'keys'), clock, connection: database.pool, hosts: [] })
  return {
    config,
    database,
    authority,
    venue,
    folder,
    async end() {
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface Side {
  readonly port: number
  end(): Promise<void>
}

/** Broker, ingest and downlink as in production. */
export async function openSide({ config, database, authority }: Stage): Promise<Side> {
  const ending = new AbortController()
  const metrics = createMetrics()
  const health = createHealth(clock)
  const committed = () => undefined
  const side = await createGateSide({ config, database, authority, clock, logger, metrics, health, committed })
  const plan = { services: side.services, logger, clock, random: Math.random, stopWithinMs: 5_000 }
  const running = runServices(plan, ending.signal)
  return {
    port: side.broker.port,
    async end() {
      ending.abort()
      await running
    },
  }
}
