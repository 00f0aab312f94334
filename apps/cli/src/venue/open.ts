/**
 * Opens the demo venue: cloud, people, cable, gates, in that order, each as it would be in the field. `close` ends everything in
 * the reverse order. If something fails on the way, what was already opened is closed again.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Random } from '@gatehouse/runtime'
import { type Cable, layCable } from './cable.ts'
import { type Child, startChild } from './child.ts'
import { type CloudClient, createCloudClient } from './cloud-client.ts'
import { gateState } from './gate-client.ts'
import { takeFolder } from './heal.ts'
import { type GateLayout, type Layout, layOut } from './layout.ts'
import { freePort } from './port.ts'
import { announce } from './running.ts'
import { findOrSetUp, type Venue, type VenueGate } from './set-up.ts'

export interface VenueOptions {
  readonly data: string
  readonly httpPort: number
  readonly mqttPort: number
  readonly gates: number
  readonly people: number
  readonly random: Random
  readonly pace?: number
  readonly say: (text: string) => void
}

export interface OpenGate extends VenueGate {
  readonly http: string
  readonly child: Child
  readonly layout: GateLayout
  /** Its own way to the cloud. */
  readonly cable: Cable
  readonly badgeKey: string
}

export interface OpenCloud {
  readonly http: string
  readonly child: Child
  readonly client: CloudClient
  /** The bootstrap admin key, and the file that only its owner can read in which the cloud keeps it. */
  readonly key: string
  readonly keyFile: string
}

export interface OpenVenue {
  readonly venue: Venue
  readonly layout: Layout
  readonly cloud: OpenCloud
  /** True when this start made the venue. */
  readonly isNew: boolean
  readonly gates: readonly OpenGate[]
  /** Starts the cloud again after it was killed, on the same ports. */
  restartCloud(): Promise<void>
  close(): Promise<void>
}

const CLOUD = fileURLToPath(import.meta.resolve('../../../cloud-server/src/main.ts'))
const GATE = fileURLToPath(import.meta.resolve('../../../gate-agent/src/main.ts'))
/** The first start makes a database and keys; on a slow machine that takes its time. */
const READY_WITHIN_MS = 60_000
const LEARNT_WITHIN_MS = 60_000
const GATE_ENDS_WITHIN_MS = 2_000
const CLOUD_ENDS_WITHIN_MS = 2_500

const sets = (values: Record<string, string | number>) =>
  Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])

export async function openVenue(options: VenueOptions): Promise<OpenVenue> {
  const closing: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const step of closing.splice(0).toReversed()) await step()
  }
  try {
    return await open(options, closing, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  options: VenueOptions,
  closing: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<OpenVenue> {
  const { say } = options
  const layout = layOut(options.data)
  closing.push(await takeFolder(options.data, say))
  const ports = {
    http: await freePort(options.httpPort, 'the cloud', say),
    mqtt: await freePort(options.mqttPort, 'the broker', say),
  }
  say('starting the cloud server (database, broker, API)')
  let cloud = await startCloud(layout, ports)
  closing.push(() => cloud.stop(CLOUD_ENDS_WITHIN_MS))
  const keyFile = join(layout.cloud, 'admin-key')
  const key = readFileSync(keyFile, 'utf8').trim()
  const client = createCloudClient(cloud.ready.http, key)
  const isNew = !existsSync(layout.venueFile)
  const venue = await findOrSetUp(layout.venueFile, client, { ...options, pace: options.pace ?? 1, now: Date.now() })
  const gates = await openGates(venue, layout, client, ports, say)
  closing.push(async () => void (await Promise.all(gates.map(closeGate))))
  await learnTheGuests(gates, venue.people.length, say)
  const running = { pid: process.pid, cloud: cloud.ready.http, event: venue.event, cloudPid: cloud.pid }
  closing.push(announce(layout.runningFile, { ...running, gates: gates.map(reachable) }))
  return {
    venue,
    layout,
    gates,
    isNew,
    close,
    // Read anew each time: after a restart it is another process.
    get cloud() {
      return { http: cloud.ready.http, child: cloud, client, key, keyFile }
    },
    async restartCloud() {
      cloud = await startCloud(layout, ports)
    },
  }
}

/** All at once: each takes its time to start. When one cannot be opened the others are closed again. */
async function openGates(
  venue: Venue,
  layout: Layout,
  client: CloudClient,
  ports: { http: number; mqtt: number },
  say: (text: string) => void,
): Promise<OpenGate[]> {
  say(`starting ${venue.gates.length} gates`)
  const opening: Promise<OpenGate>[] = []
  let httpPort = ports.http
  for (const [index, gate] of venue.gates.entries()) {
    httpPort = await freePort(httpPort + 1, `gate ${gate.name}`, say)
    opening.push(openGate(gate, layout, index + 1, client, ports.mqtt, httpPort))
  }
  const outcomes = await Promise.allSettled(opening)
  const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (!failed) return opened
  await Promise.all(opened.map(closeGate))
  throw failed.reason
}

/** Before anybody comes every gate should know them; a gate that takes too long opens all the same and asks its staff. */
async function learnTheGuests(gates: readonly OpenGate[], guests: number, say: (text: string) => void): Promise<void> {
  say(`the gates learn the ${guests} guests`)
  const deadline = Date.now() + LEARNT_WITHIN_MS
  while (Date.now() < deadline) {
    const states = await Promise.all(gates.map((gate) => gateState(gate.http)))
    if (states.every(({ roster, link }) => link.state === 'up' && roster.rows >= guests)) return
    await wait(100)
  }
  say('some gates have not learnt all guests yet')
}

function startCloud(layout: Layout, ports: { http: number; mqtt: number }): Promise<Child> {
  const settings = { 'data.dir': layout.cloud, 'http.port': ports.http, 'mqtt.port': ports.mqtt }
  return startChild({
    name: 'cloud',
    args: [CLOUD, ...sets(settings)],
    folders: layout,
    readyWithinMs: READY_WITHIN_MS,
  })
}

interface Handover {
  readonly brokerUrl: string
  readonly badgeKey: string
}

async function openGate(
  gate: VenueGate,
  layout: Layout,
  number: number,
  client: CloudClient,
  mqttPort: number,
  httpPort: number,
): Promise<OpenGate> {
  const files = layout.gate(number)
  const cable = await layCable(mqttPort)
  const handover = await client.post<Handover>(`/gates/${gate.id}/handover`, {})
  const brokerUrl = handover.brokerUrl.replace(/:\d+$/, `:${cable.port}`)
  writeFileSync(files.handover, JSON.stringify({ ...handover, brokerUrl }), { mode: 0o600 })
  const settings = {
    'data.dir': files.data,
    handover: files.handover,
    'http.port': httpPort,
    'scan.qr.folder': files.qrFolder,
    'scan.ble.socket': files.bleSocket,
  }
  const args = [GATE, ...sets(settings)]
  const child = await startChild({ name: `gate-${number}`, args, folders: layout, readyWithinMs: READY_WITHIN_MS })
  return { ...gate, http: child.ready.http, child, layout: files, cable, badgeKey: handover.badgeKey }
}

async function closeGate(gate: OpenGate): Promise<void> {
  await gate.child.stop(GATE_ENDS_WITHIN_MS)
  await gate.cable.close()
}

function reachable(gate: OpenGate) {
  return { id: gate.id, name: gate.name, http: gate.http, pid: gate.child.pid }
}
