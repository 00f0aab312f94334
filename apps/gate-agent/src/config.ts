/**
 * Everything an operator can set on a gate agent, with its default and what it is for. Who the gate is does not stand here: that
 * comes in the hand-over document, which only the pairing writes.
 */
import { type Config, defineOptions, Failure, type LogLevel, loadConfig } from '@gatehouse/runtime'

export const options = defineOptions({
  'data.dir': {
    type: 'string',
    default: 'data/gate',
    doc: 'Folder of the journal, the roster and the lock; only this agent writes there.',
  },
  handover: {
    type: 'string',
    doc: 'Hand-over document of the gate (JSON, mode 0600); default: handover.json in data.dir.',
  },
  'http.host': {
    type: 'string',
    default: '127.0.0.1',
    doc: 'Address of the local page and API; anything but loopback opens them to the network.',
  },
  'http.port': { type: 'number', default: 8090, doc: 'Port of the local page and API; 0 takes a free one.' },
  'http.names': {
    type: 'list',
    default: [],
    doc: 'Further host names under which the local page may be called; others are refused.',
  },
  'http.pages': { type: 'string', doc: 'Folder of the built kiosk page; default: the one beside this program.' },
  'scan.qr.folder': {
    type: 'string',
    doc: 'Folder that is watched for PNG and JPEG pictures of codes; read pictures are removed.',
  },
  'scan.qr.pipe': { type: 'string', doc: 'FIFO with raw gray8 frames of a camera, one after another.' },
  'scan.qr.width': { type: 'number', default: 640, doc: 'Width of a frame on the pipe, pixels.' },
  'scan.qr.height': { type: 'number', default: 480, doc: 'Height of a frame on the pipe, pixels.' },
  'scan.qr.holdMs': {
    type: 'number',
    default: 2_000,
    doc: 'The same code seen again within this time is the same presentation and is not looked up again.',
  },
  'scan.ble.socket': { type: 'string', doc: 'Unix socket on which advertisements arrive as lines of JSON.' },
  'scan.ble.replay': {
    type: 'string',
    doc: 'Recorded advertisements (lines of JSON) that are played once at start, at their own pace.',
  },
  'scan.ble.thresholdDb': {
    type: 'number',
    default: -65,
    doc: 'Strength in dBm above which a badge counts as being in the lane; measured on site.',
  },
  'door.releaseMs': { type: 'number', default: 3_000, doc: 'How long the door stays released after an admission.' },
  'door.driver': {
    type: 'string',
    default: 'console',
    doc: 'What moves the door: "console" shows it in the log, "none" has no door.',
  },
  'log.level': { type: 'string', default: 'info', doc: 'error, warn, info or debug.' },
})

export type GateConfig = Config<typeof options>

/** Throws a `Failure` GH-CONFIG-001 that names the option; the program then ends with 78. */
export function loadGateConfig(sources: {
  file?: string | undefined
  env: NodeJS.ProcessEnv
  sets: readonly string[]
}): GateConfig {
  const config = loadConfig(options, { ...sources, envPrefix: 'GATEHOUSE_' })
  const port = config['http.port']
  if (!Number.isInteger(port) || port < 0 || port > 65_535) refuse('http.port', port, 'a port between 0 and 65535')
  for (const key of ['scan.qr.width', 'scan.qr.height'] as const) {
    const pixels = config[key]
    if (!Number.isInteger(pixels) || pixels < 16 || pixels > 4_096)
      refuse(key, pixels, 'a whole number from 16 to 4096')
  }
  const releaseMs = config['door.releaseMs']
  if (!(releaseMs >= 100 && releaseMs <= 60_000)) refuse('door.releaseMs', releaseMs, 'from 100 to 60000')
  if (!['console', 'none'].includes(config['door.driver']))
    refuse('door.driver', config['door.driver'], '"console" or "none"')
  if (!isLevel(config['log.level'])) refuse('log.level', config['log.level'], 'error, warn, info or debug')
  return config
}

export function isLevel(text: string): text is LogLevel {
  return ['error', 'warn', 'info', 'debug', 'silent'].includes(text)
}

function refuse(key: string, value: unknown, wanted: string): never {
  throw new Failure('GH-CONFIG-001', `option '${key}' has to be ${wanted}, not '${String(value)}'`)
}
