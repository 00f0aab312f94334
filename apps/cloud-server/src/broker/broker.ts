/**
 * The embedded broker: a pipe with a strict doorkeeper. Who connects is known by their certificate; what they may say and hear follows
 * from the protocol's access rule, and everything else is refused and counted. Nothing passes through the library's emitter, which can
 * bring the process down when a slow subscriber leaves: what gates send is handed over where publishing is authorized, what
 * is for gates is written to their connections directly.
 *
 * A journal message is acknowledged to MQTT after its COMMIT. When ingest cannot take it, MQTT is acknowledged all the same: a gate whose
 * connection is closed twice over one batch takes the batch for poison, and its real ack is `down/ack`.
 */
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import type { GateId } from '@gatehouse/domain'
import { type DownName, downTopic, LIMITS, mayPublish, mayRetain, maySubscribe, parseTopic } from '@gatehouse/protocol'
import { type Clock, describe, Failure, type Logger, type Metrics } from '@gatehouse/runtime'
import { Aedes, type Client } from 'aedes'
import { createConnectRate } from './connect-rate.ts'
import { createPacketGuard } from './packet-guard.ts'
import type { Broker, BrokerHandlers, GateDirectory, GateIdentity } from './ports.ts'

type PublishPacket = Parameters<Aedes['authorizePublish']>[1]
type Subscription = Parameters<Aedes['authorizeSubscribe']>[1]

export interface BrokerSettings {
  readonly host: string
  readonly port: number
  /** Missing: no TLS, for this machine only. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly root: string }
  readonly directory: GateDirectory
  readonly handlers: BrokerHandlers
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Connections per second of one address, and how many at once after a pause. */
  readonly connectsPerSec: number
  readonly connectBurst: number
}

const CONNECT_WITHIN_MS = 5_000
const DRAIN_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 2_000
/** What may wait for one slow gate; a connection with more is cut, the gate comes back and asks for what it missed. */
const BEHIND_AT_MOST_BYTES = 8 * 1024 * 1024
const PACKETS = { connectBytes: 8_192, packetBytes: LIMITS.messageBytes + 1_024 }

interface Session {
  identity: GateIdentity
}

export async function createBroker(settings: BrokerSettings): Promise<Broker> {
  const { handlers, logger, metrics } = settings
  const sessions = new WeakMap<Client, Session>()
  const online = new Map<GateId, Client>()
  const listeners = new Map<string, Set<Client>>()
  const refused = metrics.counter('gatehouse_broker_refused_total', 'What gates were refused, by reason', ['reason'])
  const received = metrics.counter('gatehouse_broker_received_total', 'Messages from gates, by name', ['name'])
  const connected = metrics.gauge('gatehouse_broker_connections', 'Gates connected now')
  const rate = createConnectRate({
    perSec: settings.connectsPerSec,
    burst: settings.connectBurst,
    clock: settings.clock,
  })

  const aedes = new Aedes({
    concurrency: 0,
    connectTimeout: CONNECT_WITHIN_MS,
    drainTimeout: DRAIN_WITHIN_MS,
    maxClientsIdLength: 36,
    authenticate: (client, username, _password, done) => {
      admit(client, username).then(
        () => done(null, true),
        (error: Error) => done(refusal(error), false),
      )
    },
    authorizePublish: (client, packet, done) => receive(client, packet, done),
    authorizeSubscribe: (client, subscription, done) => listen(client, subscription, done),
  })
  // Nobody but gates connects, and gates only hear what is sent to them: no message is ever routed, retained or stored here.
  aedes.publish = (_packet: unknown, client: unknown, done?: unknown) => {
    const finished = typeof client === 'function' ? client : done
    if (typeof finished === 'function') finished(null)
  }
  await aedes.listen()
  aedes.on('clientReady', (client) => becomeOnline(client))
  aedes.on('clientDisconnect', (client) => becomeOffline(client))
  aedes.on('clientError', (client, error) => {
    // A broken cable and what was refused and counted below carry a code; the rest is no MQTT.
    if (!('code' in error)) refused.add({ reason: 'protocol' })
    logger.debug({ gate: client.id, problem: describe(error) }, 'connection error')
  })
  aedes.on('connectionError', () => refused.add({ reason: 'no-connect' }))

  /** Rejects unless certificate, client id and user name all say the same gate, and the gate is one of ours. */
  async function admit(client: Client, username: string | undefined): Promise<void> {
    const gate = client.id as GateId
    if (username !== gate) throw new Failure('GH-BROKER-001', 'user name is not the client id')
    const certificate = client.conn instanceof TLSSocket ? client.conn.getPeerCertificate() : undefined
    if (settings.tls && certificate?.subject?.CN !== gate)
      throw new Failure('GH-BROKER-002', 'certificate of another gate')
    const identity = await settings.directory.find(gate)
    if (!identity) throw new Failure('GH-BROKER-003', 'unknown or revoked gate')
    if (settings.tls && certificate?.serialNumber !== identity.certSerial) {
      throw new Failure('GH-BROKER-004', 'certificate was replaced')
    }
    sessions.set(client, { identity })
  }

  function refusal(error: Error): Error & { returnCode: number } {
    const reason = error instanceof Failure ? error.code : 'database'
    refused.add({ reason })
    logger.warn({ reason, problem: describe(error) }, 'connection refused')
    // 3: come back later; 5: not you.
    return Object.assign(new Failure('GH-BROKER-005', 'refused'), { returnCode: error instanceof Failure ? 5 : 3 })
  }

  function becomeOnline(client: Client): void {
    const session = sessions.get(client)
    if (!session) return
    online.set(session.identity.gate, client)
    connected.set(online.size)
    handlers.presence(session.identity, true)
  }

  function becomeOffline(client: Client): void {
    for (const set of listeners.values()) set.delete(client)
    const session = sessions.get(client)
    if (!session || online.get(session.identity.gate) !== client) return
    online.delete(session.identity.gate)
    connected.set(online.size)
    handlers.presence(session.identity, false)
  }

  function receive(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const identity = client && sessions.get(client)?.identity
    const problem = identity ? problemWith(identity, packet) : 'no-session'
    const topic = parseTopic(packet.topic)
    if (!identity || problem) return refuse(problem ?? 'no-session', done)
    // A name that this version does not know: accepted and dropped, so that a newer gate can live with us.
    if (topic?.side !== 'up') return counted('unknown', done)
    received.add({ name: topic.name })
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    if (topic.name === 'journal') return takeJournal(identity, payload, done)
    handlers.message(identity, topic.name, payload)
    done()
  }

  function counted(name: string, done: (error?: Error | null) => void): void {
    received.add({ name })
    done()
  }

  function refuse(reason: string, done: (error: Error) => void): void {
    refused.add({ reason })
    done(new Failure('GH-BROKER-006', `refused: ${reason}`))
  }

  function takeJournal(identity: GateIdentity, payload: Uint8Array, done: () => void): void {
    handlers.journal(identity, payload).then(
      () => done(),
      (error) => {
        refused.add({ reason: 'ingest-behind' })
        logger.warn({ gate: identity.gate, problem: describe(error) }, 'journal message not taken; it will come again')
        done()
      },
    )
  }

  function listen(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, granted?: Subscription | null) => void,
  ): void {
    const identity = sessions.get(client)?.identity
    const events = identity?.event === undefined ? [] : [identity.event]
    const { topic } = subscription
    if (!identity || !maySubscribe({ org: identity.org, gate: identity.gate, events }, topic)) {
      refused.add({ reason: 'subscribe' })
      return done(null, null)
    }
    const set = listeners.get(topic) ?? new Set()
    listeners.set(topic, set.add(client))
    done(null, subscription)
  }

  function send(gate: GateId, name: DownName, payload: Uint8Array | string): boolean {
    const client = online.get(gate)
    const identity = client && sessions.get(client)?.identity
    if (!client || !identity) return false
    const topic = downTopic(identity.org, gate, name)
    const all = downTopic(identity.org, gate, '#' as DownName)
    const hears = listeners.get(all)?.has(client) || listeners.get(topic)?.has(client)
    return hears === true && write(client, topic, payload)
  }

  function write(client: Client, topic: string, payload: Uint8Array | string): boolean {
    const { conn } = client
    if (conn.writableLength > BEHIND_AT_MOST_BYTES) {
      refused.add({ reason: 'too-slow' })
      conn.destroy()
      return false
    }
    const bytes =
      typeof payload === 'string'
        ? Buffer.from(payload)
        : Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    client.publish({ cmd: 'publish', topic, payload: bytes, qos: 1, retain: false, dup: false }, () => undefined)
    return true
  }

  function broadcast(topic: string, payload: Uint8Array): number {
    let heard = 0
    for (const client of listeners.get(topic) ?? []) if (write(client, topic, payload)) heard += 1
    return heard
  }

  function accept(socket: Socket): void {
    const guard = createPacketGuard(PACKETS)
    const read = socket.read.bind(socket)
    socket.read = (size?: number) => {
      const chunk: Uint8Array | null = read(size)
      const verdict = chunk ? guard.look(chunk) : 'ok'
      if (verdict === 'ok') return chunk
      refused.add({ reason: verdict })
      socket.destroy()
      return null
    }
    // Acks are small and somebody waits for them.
    socket.setNoDelay(true)
    aedes.handle(socket)
  }

  function cut(gate: GateId, identity: GateIdentity | undefined): void {
    const client = online.get(gate)
    const session = client && sessions.get(client)
    if (!client || !session) return
    const isSame = identity?.certSerial === session.identity.certSerial && identity?.event === session.identity.event
    if (identity && isSame) session.identity = identity
    else client.close()
  }

  const server = await startServer(settings, accept, (socket) => {
    if (rate.allows(socket.remoteAddress ?? '')) return true
    refused.add({ reason: 'too-many-connects' })
    return false
  })
  // No TLS, no certificate, one of somebody else, or nothing said in time. Node leaves the last of these open.
  server.on('tlsClientError', (_error: Error, socket: Socket) => {
    refused.add({ reason: 'tls' })
    socket.destroy()
  })

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return online.size
    },
    send,
    broadcast,
    disconnect: (gate) => online.get(gate)?.close(),
    async drain() {
      server.close()
    },
    async stop() {
      server.close()
      await new Promise<void>((resolve) => aedes.close(resolve))
    },
    async watchRevocations(signal) {
      while (!signal.aborted) {
        for (const { gate, identity } of await settings.directory.changed()) cut(gate, identity)
        for (const [topic, set] of listeners) if (set.size === 0) listeners.delete(topic)
        await settings.clock.sleep(LOOK_EVERY_MS, signal)
      }
    },
  }
}

/** Undefined when the protocol allows this packet to this gate. */
function problemWith(identity: GateIdentity, { topic, qos, retain }: PublishPacket): string | undefined {
  if (!mayPublish(identity, topic)) return 'publish'
  if (retain && !mayRetain(topic)) return 'retain'
  if (topic.endsWith('/up/journal') && qos !== 1) return 'qos'
  return qos === 2 ? 'qos' : undefined
}

async function startServer(
  { host, port, tls }: BrokerSettings,
  accept: (socket: Socket) => void,
  mayConnect: (socket: Socket) => boolean,
): Promise<Server> {
  const server = tls
    ? createTlsServer(
        {
          cert: tls.certificate,
          key: tls.key,
          ca: tls.root,
          requestCert: true,
          rejectUnauthorized: true,
          minVersion: 'TLSv1.3',
          handshakeTimeout: CONNECT_WITHIN_MS,
        },
        accept,
      )
    : createTcpServer((socket) => accept(socket))
  // Before TLS: a handshake is the dearest thing a stranger can ask for. Listeners are called in order, ours has to be the first.
  server.prependListener('connection', (socket: Socket) => {
    if (!mayConnect(socket)) socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Failure('GH-BROKER-010', `cannot listen on ${host}:${port}`, { cause: error })),
    )
    server.listen(port, host, resolve)
  })
  return server
}
