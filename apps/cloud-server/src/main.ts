/**
 * The cloud server as a program: reads what it is told, opens the database, starts the cloud and ends it in order. Says where it
 * listens in one line of JSON on standard output when it is ready; everything else goes to the log.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  createLogger,
  describe,
  describeOptions,
  exitCodes,
  Failure,
  type LogLevel,
  loadConfig,
  runServices,
  shutdownSignal,
  systemClock,
} from '@gatehouse/runtime'
import { createCloud } from './cloud.ts'
import { type CloudConfig, options } from './config.ts'
import { openDatabase } from './db/open.ts'
import { refuseOpenBroker } from './roles/broker-address.ts'
import { rolesOf } from './roles/roles.ts'

const PREFIX = 'GATEHOUSE_'
const PAGES = new URL('../../dashboard/dist', import.meta.url).pathname
const USAGE = `Usage: cloud-server [--config cloud.yaml] [--set key=value …]

Options (in the file, as environment variable, or with --set; the later wins):
${describeOptions(options, PREFIX)}
`

function told(): CloudConfig | undefined {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c' },
      set: { type: 'string', short: 's', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (!values.help)
    return loadConfig(options, { file: values.config, env: process.env, envPrefix: PREFIX, sets: values.set })
  process.stdout.write(USAGE)
  return undefined
}

async function run(config: CloudConfig): Promise<void> {
  const logger = createLogger({ name: 'cloud', level: config['log.level'] as LogLevel })
  // What is wrong with the configuration is said before anything is made or started.
  const roles = rolesOf(config.roles)
  refuseOpenBroker(config, logger)
  const { 'stop.withinMs': stopWithinMs, 'database.url': url, 'database.connections': connections } = config
  const { signal, ended } = shutdownSignal(logger, stopWithinMs + 5_000)
  const clock = systemClock
  const dataDir = resolve(config['data.dir'])
  mkdirSync(dataDir, { recursive: true })

  const database = await openDatabase({ url, dataDir, connections, clock, logger })
  try {
    const say = (text: string) => void process.stderr.write(text)
    const cloud = await createCloud({ config, roles, dataDir, database, clock, logger, say, pagesDir: PAGES })
    const { services, http, mqtt } = cloud
    process.stdout.write(`${JSON.stringify({ ready: true, http, mqtt, pid: process.pid })}\n`)
    await runServices({ services, logger, clock, random: Math.random, stopWithinMs }, signal)
    await cloud.close()
  } finally {
    await database.close()
    ended()
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.code.startsWith('GH-CONFIG') ? exitCodes.configuration : exitCodes.failure
  return isMisuse(error) ? exitCodes.usage : exitCodes.failure
}

function isMisuse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

try {
  const config = told()
  if (config) await run(config)
  process.exitCode = exitCodes.ok
} catch (error) {
  const code = error instanceof Failure ? `${error.code}: ` : ''
  process.stderr.write(`${code}${describe(error)}\n${isMisuse(error) ? `\n${USAGE}` : ''}`)
  process.exitCode = exitCodeOf(error)
}
// What is left open by then (a socket that does not close) must not keep the process.
setTimeout(() => process.exit(), 500).unref()
