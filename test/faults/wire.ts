/**
 * One connection to the broker, byte by byte: what a rogue client has in hand. It speaks MQTT correctly when told to and sends any
 * bytes when told to; it answers nothing by itself, and remembers what came back and when the other side hung up.
 */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { systemClock } from '@gatehouse/runtime'
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet'

const ANSWER_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 10

export interface Identity {
  readonly certificate?: string
  readonly privateKey?: string | Buffer
}

export interface Wire {
  readonly received: readonly Packet[]
  readonly isClosed: boolean
  /** Milliseconds after opening at which the other side hung up. */
  readonly closedAfterMs: number | undefined
  send(packet: Packet): void
  sendBytes(bytes: Uint8Array): void
  /** The first packet from `since` on that fits; undefined when the other side hangs up or does not send it in time. */
  answer(fits: (packet: Packet) => boolean, since?: number): Promise<Packet | undefined>
  /** Resolves when the other side has hung up; with false when it has not after `withinMs`. */
  hungUp(withinMs: number): Promise<boolean>
  end(): void
}

/** Plain TCP; nothing is sent. */
export function openPlain(url: string): Promise<Wire> {
  return opened(connectTcp(addressOf(url)), 'connect')
}

/** TLS without looking at the server's certificate: a rogue does not care whom it attacks. */
export function openTls(url: string, { certificate, privateKey }: Identity = {}): Promise<Wire> {
  const identity = certificate && privateKey ? { cert: certificate, key: privateKey } : {}
  return opened(connectTls({ ...addressOf(url), rejectUnauthorized: false, ...identity }), 'secureConnect')
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

async function opened(socket: Socket, ready: 'connect' | 'secureConnect'): Promise<Wire> {
  const received: Packet[] = []
  const openedAt = performance.now()
  let closedAfterMs: number | undefined
  const parser = mqttPacket.parser()
  parser.on('packet', (packet: Packet) => void received.push(packet))
  socket.on('data', (chunk) => void parser.parse(chunk))
  socket.on('error', () => undefined)
  const noteEnd = () => {
    closedAfterMs ??= performance.now() - openedAt
  }
  socket.on('close', noteEnd).on('end', noteEnd)
  await Promise.race([once(socket, ready), once(socket, 'close')])
  const write = (bytes: Uint8Array) => {
    if (!socket.destroyed && socket.writable) socket.write(bytes)
  }

  async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs
    while (!holds() && performance.now() < deadline) await systemClock.sleep(LOOK_EVERY_MS)
    return holds()
  }

  return {
    received,
    get isClosed() {
      return closedAfterMs !== undefined
    },
    get closedAfterMs() {
      return closedAfterMs
    },
    send: (packet) => write(mqttPacket.generate(packet)),
    sendBytes: write,
    async answer(fits, since = 0) {
      const find = () => received.slice(since).find(fits)
      await until(() => find() !== undefined || closedAfterMs !== undefined, ANSWER_WITHIN_MS)
      return find()
    },
    hungUp: (withinMs) => until(() => closedAfterMs !== undefined, withinMs),
    end: () => socket.destroy(),
  }
}

export function connectPacket(clientId: string, username = clientId): IConnectPacket {
  return { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, username, clean: true, keepalive: 60 }
}

export function publishPacket(
  topic: string,
  payload: Uint8Array | string,
  more: Partial<Pick<IPublishPacket, 'qos' | 'retain' | 'messageId'>> = {},
): IPublishPacket {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload)
  return { cmd: 'publish', topic, payload: bytes, qos: 1, retain: false, dup: false, messageId: 1, ...more }
}
