/**
 * The gates of the ingest bench: raw MQTT connections with packets made beforehand, in a thread of their own, because a real client
 * library would be the limit. Each keeps at most four backlog messages unacknowledged, or sends one entry per message at the
 * planned instants; what counts is `down/ack`, never MQTT's own.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { downTopic, feedTopic, upTopic } from '@gatehouse/protocol'
import { parser as createParser, generate } from 'mqtt-packet'
import { type GateJournal, type JournalPlan, journalOf } from './ingest-journal.ts'

export interface GeneratorOrder {
  readonly plan: JournalPlan
  readonly port: number
  /** Entries per second over all gates; missing: as fast as acks come. */
  readonly ratePerSec?: number
  readonly tls?: {
    readonly ca: string
    readonly papers: readonly { readonly certificate: string; readonly key: string }[]
  }
}

export type GeneratorReport =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'done'
      readonly sentMs: number
      readonly latencies: Float64Array
      readonly feedBytes: number
      readonly resent: number
      readonly heads: readonly string[]
      /** CPU of this thread since the start, microseconds. */
      readonly cpuUs: number
    }

const IN_FLIGHT = 4
const TICK_MS = 1
const RESEND_AFTER_MS = 10_000

interface Gate {
  readonly journal: GateJournal
  readonly packets: readonly Buffer[]
  readonly socket: Socket
  next: number
  through: number
  dueMs: Float64Array
  movedMs: number
}

const order = workerData as GeneratorOrder
const { plan } = order
const latencies: number[] = []
let feedBytes = 0
let resent = 0
let unfinished = plan.gates
let startedMs = 0
let startedCpu = process.threadCpuUsage()
let finish: (() => void) | undefined

function packetsOf({ org, gate, messages }: GateJournal): Buffer[] {
  const topic = upTopic(org, gate, 'journal')
  return messages.map(({ bytes }, n) =>
    generate({
      cmd: 'publish',
      topic,
      payload: Buffer.from(bytes),
      qos: 1,
      messageId: (n % 65_000) + 1,
      retain: false,
      dup: false,
    }),
  )
}

async function open(number: number): Promise<Gate> {
  const journal = journalOf(plan, number)
  const papers = order.tls?.papers[number]
  const socket = papers
    ? connectTls({
        host: '127.0.0.1',
        port: order.port,
        ca: order.tls?.ca,
        cert: papers.certificate,
        key: papers.key,
        minVersion: 'TLSv1.3',
      })
    : connect({ host: '127.0.0.1', port: order.port })
  socket.setNoDelay(true)
  socket.on('error', (error) => {
    throw error
  })
  const gate: Gate = {
    journal,
    packets: packetsOf(journal),
    socket,
    next: 0,
    through: 0,
    dueMs: new Float64Array(journal.messages.length),
    movedMs: 0,
  }
  const { promise, resolve } = Promise.withResolvers<Gate>()
  const parser = createParser()
  parser.on('packet', (packet) => {
    if (packet.cmd === 'connack') subscribe(gate)
    else if (packet.cmd === 'suback') resolve(gate)
    else if (packet.cmd === 'publish') hear(gate, packet)
  })
  socket.on('data', (chunk) => parser.parse(chunk))
  const id = journal.gate
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: id,
      username: id,
      keepalive: 60,
    } as never),
  )
  return promise
}

function subscribe({ journal: { org, gate, event }, socket }: Gate): void {
  const topics = [
    downTopic(org, gate, '#' as never),
    feedTopic(org, event, 'roster'),
    feedTopic(org, event, 'presence'),
  ]
  socket.write(
    generate({ cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })) }),
  )
}

function hear(gate: Gate, packet: { topic: string; payload: string | Buffer; messageId?: number }): void {
  gate.socket.write(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 } as never))
  if (!packet.topic.endsWith('/down/ack')) {
    feedBytes += packet.payload.length
    return
  }
  const ack = JSON.parse(packet.payload.toString()) as { epoch: string; through: number; parked: number[] }
  if (ack.epoch !== gate.journal.epoch) return
  if (ack.parked.length > 0) throw new Error(`parked: ${JSON.stringify(ack)}`)
  acknowledge(gate, ack.through)
}

function acknowledge(gate: Gate, through: number): void {
  if (through <= gate.through) return
  const now = performance.now()
  const { messages } = gate.journal
  let n = Math.floor(gate.through / plan.perMessage)
  for (let message = messages[n]; message && message.to <= through; message = messages[++n]) {
    if (message.from > gate.through) latencies.push(now - (gate.dueMs[n] ?? now))
  }
  gate.through = through
  gate.movedMs = now
  if (order.ratePerSec === undefined) sendBacklog(gate)
  if (through < gate.journal.entries) return
  unfinished -= 1
  if (unfinished === 0) finish?.()
}

function sendBacklog(gate: Gate): void {
  const { messages } = gate.journal
  while (gate.next < messages.length) {
    const first = messages[Math.max(0, gate.next - IN_FLIGHT)]
    if (gate.next >= IN_FLIGHT && first && first.to > gate.through) return
    send(gate, performance.now())
  }
}

function send(gate: Gate, dueMs: number): void {
  gate.dueMs[gate.next] = dueMs
  gate.socket.write(gate.packets[gate.next] as Buffer)
  gate.next += 1
}

/** What was not acknowledged in time goes again, as a gate does it. */
function resendLate(gates: readonly Gate[]): void {
  const now = performance.now()
  for (const gate of gates) {
    const sent = gate.journal.messages[gate.next - 1]?.to ?? 0
    if (sent <= gate.through || now - gate.movedMs < RESEND_AFTER_MS) continue
    resent += 1
    gate.movedMs = now
    for (let n = Math.floor(gate.through / plan.perMessage); n < gate.next; n += 1)
      gate.socket.write(gate.packets[n] as Buffer)
  }
}

/** Message n of all is due n/rate after the start, at gate n mod gates: late sending counts as latency. */
function sendAtRate(gates: readonly Gate[], ratePerSec: number): void {
  const total = plan.gates * plan.entriesPerGate
  const everyMs = (1_000 * plan.perMessage) / ratePerSec
  let sent = 0
  const tick = () => {
    const now = performance.now()
    while (sent * plan.perMessage < total && startedMs + sent * everyMs <= now) {
      send(gates[sent % gates.length] as Gate, startedMs + sent * everyMs)
      sent += 1
    }
    if (sent * plan.perMessage < total) setTimeout(tick, TICK_MS)
  }
  tick()
}

const gates: Gate[] = []
for (let n = 0; n < plan.gates; n += 1) gates.push(await open(n))
parentPort?.once('message', () => {
  startedMs = performance.now()
  startedCpu = process.threadCpuUsage()
  for (const gate of gates) gate.movedMs = startedMs
  setInterval(resendLate, 1_000, gates).unref()
  finish = () => {
    const sentMs = performance.now() - startedMs
    const { user, system } = process.threadCpuUsage(startedCpu)
    const heads = gates.map(({ journal }) => journal.head)
    parentPort?.postMessage({
      kind: 'done',
      sentMs,
      latencies: Float64Array.from(latencies),
      feedBytes,
      resent,
      heads,
      cpuUs: user + system,
    } satisfies GeneratorReport)
    for (const { socket } of gates) socket.destroy()
  }
  if (order.ratePerSec === undefined) for (const gate of gates) sendBacklog(gate)
  else sendAtRate(gates, order.ratePerSec)
})
parentPort?.postMessage({ kind: 'ready' } satisfies GeneratorReport)
