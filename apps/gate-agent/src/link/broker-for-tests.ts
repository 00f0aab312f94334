/**
 * A broker of a few lines that speaks real MQTT over a real socket: enough to see what the link sends, to answer it, to refuse it
 * and to hang up on it.
 */
import { createServer, type Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'

export interface TestBroker {
  readonly url: string
  /** Everything received, in order, over all connections. */
  readonly packets: Packet[]
  /** What SUBSCRIBE is granted; 128 refuses. */
  grant: 0 | 1 | 2 | 128
  /** Return code of CONNACK; 5 is "not authorised". */
  connack: 0 | 5
  /** Whether PUBLISH is answered. */
  acknowledges: boolean
  publish(topic: string, payload: string): void
  hangUp(): void
  close(): Promise<void>
}

export async function startTestBroker(): Promise<TestBroker> {
  const sockets = new Set<Socket>()
  const packets: Packet[] = []

  function answer(socket: Socket, packet: Packet): void {
    packets.push(packet)
    const send = (reply: Packet) => socket.write(generate(reply))
    if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: broker.connack, sessionPresent: false })
    if (packet.cmd === 'subscribe') {
      send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => broker.grant) })
    }
    if (packet.cmd === 'publish' && broker.acknowledges) send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' })
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    const reader = parser({ protocolVersion: 4 })
    reader.on('packet', (packet: Packet) => answer(socket, packet))
    socket.on('data', (chunk) => reader.parse(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  const broker: TestBroker = {
    url: `mqtt://127.0.0.1:${port}`,
    packets,
    grant: 1,
    connack: 0,
    acknowledges: true,
    publish(topic, payload) {
      const packet: Packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, dup: false, retain: false }
      for (const socket of sockets) socket.write(generate(packet))
    },
    hangUp() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return broker
}
