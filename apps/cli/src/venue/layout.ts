/** Where the demo venue keeps its things, below one data folder. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

export interface Layout {
  readonly data: string
  readonly logs: string
  readonly run: string
  readonly cloud: string
  /** Sample tickets for people to try. */
  readonly tickets: string
  /** What was set up at the first start: event, gates, people. */
  readonly venueFile: string
  /** Where the running venue can be reached; other commands read it. */
  readonly runningFile: string
  gate(number: number): GateLayout
}

export interface GateLayout {
  readonly folder: string
  readonly data: string
  readonly handover: string
  readonly qrFolder: string
  readonly bleSocket: string
}

export function layOut(data: string): Layout {
  const under = (name: string) => join(data, name)
  for (const name of ['logs', 'run', 'cloud', 'tickets']) mkdirSync(under(name), { recursive: true })
  return {
    data,
    logs: under('logs'),
    run: under('run'),
    cloud: under('cloud'),
    tickets: under('tickets'),
    venueFile: under('venue.json'),
    runningFile: under('running.json'),
    gate: (number) => gateLayout(under(`gate-${number}`)),
  }
}

function gateLayout(folder: string): GateLayout {
  const qrFolder = join(folder, 'camera')
  mkdirSync(qrFolder, { recursive: true })
  return {
    folder,
    data: join(folder, 'data'),
    handover: join(folder, 'handover.json'),
    qrFolder,
    bleSocket: socketPath(join(folder, 'ble.sock')),
  }
}

/** The system allows 103 bytes for the path of a Unix socket; a folder that lies too deep gets its socket elsewhere. */
function socketPath(wanted: string): string {
  const short = relative(process.cwd(), wanted)
  if (Buffer.byteLength(short) <= 103) return short
  return join(tmpdir(), `gatehouse-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}.sock`)
}
