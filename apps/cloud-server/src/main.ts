/**
 * The cloud server: reads its configuration, opens the database, joins the rooms its roles need and runs until it is told to end. Says
 * where it listens in one line of JSON on standard output when it is ready; everything else goes to the log.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { EventId, GateId } from '@gatehouse/domain'
import {
  createHealth,
  createLogger,
  createMetrics,
  describe,
  describeOptions,
  exitCodes,
  Failure,
  loadConfig,
  type Logger,
  type LogLevel,
  runServices,
  type Service,
  shutdownSignal,
  systemClock,
  untilAborted,
} from '@gatehouse/runtime'
import { createApi } from './api/app.ts'
import { createRooms } from './api/rooms.ts'
import { createRecord } from './attendance/record.ts'
import { bootstrap } from './auth/bootstrap.ts'
import { type CloudConfig, options } from './config.ts'
import { openDatabase } from './db/open.ts'
import { createWriter } from './db/writer.ts'
import { openAuthority } from './gates/authority.ts'
import { createPgIngestStore } from './ingest/pg-ingest-store.ts'
import { createRecordRequests } from './ingest/pg-requests.ts'
import { ensurePartitions } from './jobs/partitions.ts'
import { createGateSide } from './roles/gate-side.ts'
import { createJobs } from './roles/jobs.ts'
import { newId } from './roles/new-id.ts'
import { rolesOf } from './roles/roles.ts'

const PREFIX = 'GATEHOUSE_'
const PAGES = new URL('../../dashboard/dist', import.meta.url).pathname

const USAGE = `Usage: cloud-server [--config cloud.yaml] [--set key=value …]

Options (in the file, as environment variable, or with --set; the later wins):
${describeOptions(options, PREFIX)}
`

async function main(config: CloudConfig): Promise<void> {
  const logger = createLogger({ name: 'cloud', level: config['log.level'] as LogLevel })
  // What is wrong with the configuration is said before anything is made or started.
  const roles = rolesOf(config.roles)
  if (!config['mqtt.tls']) refuseOpenBroker(config, logger)
  const { signal, ended } = shutdownSignal(logger, config['stop.withinMs'] + 5_000)
  const clock = systemClock
  const metrics = createMetrics()
  const health = createHealth(clock)
  const dataDir = resolve(config['data.dir'])
  mkdirSync(dataDir, { recursive: true })

  const database = await openDatabase({
    url: config['database.url'],
    dataDir,
    connections: config['database.connections'],
    clock,
    logger,
  })
  try {
    const { pool } = database
    await ensurePartitions(pool, clock.now())
    const authority = await openAuthority({
      folder: join(dataDir, 'keys'),
      clock,
      connection: pool,
      hosts: config['mqtt.names'],
    })
    const first = await bootstrap({ pool, clock, randomBytes, newId: () => newId(clock.now()) })
    if (first.key) announceKey(dataDir, first.key)
    let brokerUrl = ''
    let cutGate: (gate: GateId) => void = () => undefined
    const requestWriter = createWriter({ url: database.url, name: 'requests' })
    const write = createRecordRequests({
      store: createPgIngestStore({ writer: requestWriter, clock, number: config['ingest.number'] * 64 + 63 }),
      connection: requestWriter,
      clock,
      newId: () => newId(clock.now()),
    })
    const rooms = createRooms({
      pool,
      clock,
      logger,
      metrics,
      randomBytes,
      newId: () => newId(clock.now()),
      record: createRecord({ pool, write }),
      ticketKeys: authority.ticketKeys,
      issueHandover: (gate) => authority.issueHandover(gate, brokerUrl),
      cutGate: (gate) => cutGate(gate),
    })
    const services: Service[] = []
    if (roles.has('jobs'))
      services.push(
        ...createJobs({ database, clock, logger, metrics, relay: ({ event }) => event && rooms.live.wake(event) }),
      )
    if (roles.has('live'))
      services.push({ name: 'live', run: (at) => rooms.live.run(at), drain: () => rooms.live.drain() })
    if (roles.has('api')) services.push({ name: 'sweep', run: (at) => rooms.sweep.run(at) })
    if (roles.has('ingest')) {
      const committed = (events: ReadonlySet<EventId>) => {
        for (const event of events) rooms.live.wake(event)
      }
      const gateSide = await createGateSide({ config, database, authority, clock, logger, metrics, health, committed })
      services.push(...gateSide.services)
      cutGate = (gate) => gateSide.broker.disconnect(gate)
      brokerUrl = urlOfBroker(config, gateSide.broker.port)
    }
    const ready = async () => {
      await pool.query('SELECT 1')
      return [{ name: 'database', ok: true }]
    }
    const app = await createApi({ rooms, clock, logger, metrics, readiness: { health, ready }, pagesDir: PAGES })
    const http = await app.listen({ host: config['http.host'], port: config['http.port'] }).catch(cannotListen(config))
    services.push({ name: 'api', run: untilAborted, drain: () => app.close() })
    process.stdout.write(`${JSON.stringify({ ready: true, http, mqtt: brokerUrl, pid: process.pid })}\n`)
    await runServices({ services, logger, clock, random: Math.random, stopWithinMs: config['stop.withinMs'] }, signal)
    await requestWriter.end()
  } finally {
    await database.close()
    ended()
  }
}

/** Without TLS anybody who can reach the broker can be any gate. */
function refuseOpenBroker(config: CloudConfig, logger: Logger): void {
  const isLoopback = /^(127\.|localhost$|::1$)/.test(config['mqtt.host'])
  if (!isLoopback)
    throw new Failure('GH-CONFIG-004', 'mqtt.tls can only be switched off when mqtt.host is this machine (127.0.0.1)')
  logger.warn(
    { host: config['mqtt.host'] },
    'THE BROKER RUNS WITHOUT TLS: every program on this machine can speak as any gate',
  )
}

function urlOfBroker(config: CloudConfig, port: number): string {
  const host = config['mqtt.names'][0] ?? (config['mqtt.host'] === '0.0.0.0' ? '127.0.0.1' : config['mqtt.host'])
  return `${config['mqtt.tls'] ? 'mqtts' : 'mqtt'}://${host}:${port}`
}

function announceKey(dataDir: string, key: string): void {
  const path = join(dataDir, 'admin-key')
  if (!existsSync(path)) writeFileSync(path, `${key}\n`, { mode: 0o600 })
  process.stderr.write(`admin key (shown this once, also in ${path}): ${key}\n`)
}

function cannotListen(config: CloudConfig) {
  return (error: unknown): never => {
    throw new Failure('GH-HTTP-010', `cannot listen on ${config['http.host']}:${config['http.port']}`, { cause: error })
  }
}

function readArguments(): CloudConfig | undefined {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c' },
      set: { type: 'string', short: 's', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return undefined
  }
  return loadConfig(options, { file: values.config, env: process.env, envPrefix: PREFIX, sets: values.set })
}

try {
  const config = readArguments()
  if (config) await main(config)
  process.exitCode = exitCodes.ok
} catch (error) {
  const code = error instanceof Failure ? error.code : ''
  const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
  process.stderr.write(`${code ? `${code}: ` : ''}${describe(error)}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = code.startsWith('GH-CONFIG')
    ? exitCodes.configuration
    : isUsage
      ? exitCodes.usage
      : exitCodes.failure
}
// What is left open by then (a socket that does not close) must not keep the process.
setTimeout(() => process.exit(), 500).unref()
