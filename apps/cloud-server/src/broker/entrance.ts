/**
 * The door in front of the broker: a listening socket, with TLS unless it is for this machine only. Who opens connections too fast is
 * turned away before the handshake, who shows no certificate of ours is hung up on, and the bytes of everybody else pass the packet
 * guard before the broker library sees them.
 */
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { LIMITS } from '@gatehouse/protocol'
import { type Clock, Failure } from '@gatehouse/runtime'
import { createConnectRate } from './connect-rate.ts'
import { createPacketGuard } from './packet-guard.ts'

export interface EntranceSettings {
  readonly host: string
  readonly port: number
  /** Missing: no TLS, for this machine only. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly root: string }
  readonly clock: Clock
  /** Connections per second of one address, and how many at once after a pause. */
  readonly connectsPerSec: number
  readonly connectBurst: number
}

export interface Entrance {
  readonly port: number
  readonly isListening: boolean
  /** Takes no new connections; those that exist go on. */
  close(): void
}

const HANDSHAKE_WITHIN_MS = 5_000
const PACKETS = { connectBytes: 8_192, packetBytes: LIMITS.messageBytes + 1_024 }

/** `enter` gets each connection that may speak MQTT; `refused` the reason of each that may not. Throws `Failure` GH-BROKER-010. */
export async function openEntrance(
  settings: EntranceSettings,
  enter: (socket: Socket) => void,
  refused: (reason: string) => void,
): Promise<Entrance> {
  const { connectsPerSec: perSec, connectBurst: burst, clock } = settings
  const rate = createConnectRate({ perSec, burst, clock })
  const server = createServer(settings.tls, (socket) => {
    guard(socket, refused)
    // Acks are small and somebody waits for them.
    socket.setNoDelay(true)
    enter(socket)
  })
  // Before TLS: a handshake is the dearest thing a stranger can ask for. Listeners are called in order, ours has to be the first.
  server.prependListener('connection', (socket: Socket) => {
    if (rate.allows(socket.remoteAddress ?? '')) return
    refused('too-many-connects')
    socket.destroy()
  })
  // No TLS, no certificate, one of somebody else, or nothing said in time. Node leaves the last of these open.
  server.on('tlsClientError', (_error: Error, socket: Socket) => {
    refused('tls')
    socket.destroy()
  })
  await listen(server, settings)
  return {
    port: (server.address() as AddressInfo).port,
    get isListening() {
      return server.listening
    },
    close: () => void server.close(),
  }
}

function createServer(tls: EntranceSettings['tls'], accept: (socket: Socket) => void): Server {
  if (!tls) return createTcpServer((socket) => accept(socket))
  return createTlsServer(
    {
      cert: tls.certificate,
      key: tls.key,
      ca: tls.root,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      handshakeTimeout: HANDSHAKE_WITHIN_MS,
    },
    accept,
  )
}

/** Looks at the bytes as the broker library reads them, and destroys a connection that goes too far. */
function guard(socket: Socket, refused: (reason: string) => void): void {
  const packets = createPacketGuard(PACKETS)
  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    const chunk: Uint8Array | null = read(size)
    const verdict = chunk ? packets.look(chunk) : 'ok'
    if (verdict === 'ok') return chunk
    refused(verdict)
    socket.destroy()
    return null
  }
}

function listen(server: Server, { host, port }: EntranceSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Failure('GH-BROKER-010', `cannot listen on ${host}:${port}`, { cause: error })),
    )
    server.listen(port, host, resolve)
  })
}
