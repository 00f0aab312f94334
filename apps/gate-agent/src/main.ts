/**
 * The gate agent as a program: reads what it is told, takes the data folder for itself, starts the gate and ends it in order.
 * It decides from its first second on with what is on its disk; whether a cloud ever answers makes no difference to that.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  createLogger,
  describe,
  describeOptions,
  exitCodes,
  Failure,
  type Logger,
  runServices,
  shutdownSignal,
  systemClock,
} from '@gatehouse/runtime'
import { type GateConfig, isLevel, loadGateConfig, options } from './config.ts'
import { createGate } from './gate.ts'
import { readHandover } from './handover.ts'
import { lockDataFolder } from './store/instance-lock.ts'

const STOP_WITHIN_MS = 3_000
const PAGES = join(import.meta.dirname, '../../kiosk/dist')

const USAGE = `Usage: gate-agent [--config gate.yaml] [--set key=value …]

Options (in the file, as environment variable, or with --set; the later wins):
${describeOptions(options, 'GATEHOUSE_')}
`

interface Told {
  readonly config?: string | undefined
  readonly set: readonly string[]
  readonly help: boolean
}

function told(): Told | undefined {
  try {
    const { values } = parseArgs({
      options: {
        config: { type: 'string', short: 'c' },
        set: { type: 'string', short: 's', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values
  } catch (error) {
    process.stderr.write(`${describe(error)}\n\n${USAGE}`)
    return undefined
  }
}

async function run(config: GateConfig, logger: Logger): Promise<void> {
  const folder = config['data.dir']
  const handover = readHandover(config.handover ?? join(folder, 'handover.json'))
  const unlock = lockDataFolder(folder)
  const gate = await createGate({
    config,
    handover,
    clock: systemClock,
    random: Math.random,
    logger: logger.child({ gate: handover.gate }),
    write: (line) => process.stdout.write(`${line}\n`),
    pages: config['http.pages'] ?? PAGES,
  })
  const http = await listen(gate, config)
  process.stdout.write(`${JSON.stringify({ ready: true, http, pid: process.pid, gate: handover.gate })}\n`)
  if (!handover.tls)
    logger.warn({ broker: handover.brokerUrl }, 'the connection to the broker is NOT encrypted: for development only')
  const { signal, ended } = shutdownSignal(logger, STOP_WITHIN_MS + 500)
  const { services } = gate
  await runServices({ services, logger, clock: systemClock, random: Math.random, stopWithinMs: STOP_WITHIN_MS }, signal)
  gate.close()
  unlock()
  ended()
}

async function listen({ api }: Awaited<ReturnType<typeof createGate>>, config: GateConfig): Promise<string> {
  const { 'http.host': host, 'http.port': port } = config
  try {
    return await api.listen({ host, port })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    const advice = isTaken
      ? `port ${port} is in use: choose another with --set http.port=…`
      : `cannot listen on ${host}:${port}`
    throw new Failure('GH-KIOSK-020', advice, { cause, waitingHelps: true })
  }
}

async function main(): Promise<number> {
  const given = told()
  if (!given) return exitCodes.usage
  if (given.help) {
    process.stdout.write(USAGE)
    return exitCodes.ok
  }
  try {
    const config = loadGateConfig({ file: given.config, env: process.env, sets: given.set })
    const level = config['log.level']
    await run(config, createLogger({ name: 'gate-agent', ...(isLevel(level) ? { level } : {}) }))
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    process.stderr.write(`${error.code} ${describe(error)}\n`)
    return error.code.startsWith('GH-CONFIG') ? exitCodes.configuration : exitCodes.failure
  }
}

process.exitCode = await main()
