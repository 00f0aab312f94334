/**
 * A TCP proxy that behaves like a bad network: it can add delay, cut every connection, refuse new ones, or swallow bytes while
 * the connection stays open, which is what a half-open link looks like from both ends. Used where kernel tools are not to be had.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net'

export interface FaultyProxy {
  readonly port: number
  /** Bytes vanish in both directions, connections stay open. */
  blackhole(on: boolean): void
  /** Each chunk is held back this long. */
  delay(ms: number): void
  /** Ends all connections with a reset; `refuse` keeps new ones out as well. */
  cut(options?: { refuse?: boolean }): void
  heal(): void
  readonly connections: number
  close(): Promise<void>
}

export async function createFaultyProxy(target: { host: string; port: number }): Promise<FaultyProxy> {
  const pairs = new Set<Socket>()
  let swallowing = false
  let refusing = false
  let delayMs = 0
  let connections = 0

  function pump(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (swallowing) return
      if (delayMs === 0) to.write(chunk)
      else setTimeout(() => to.writable && to.write(chunk), delayMs)
    })
    from.on('close', () => (pairs.delete(from), to.destroy()))
    from.on('error', () => to.destroy())
    pairs.add(from)
  }

  const server: Server = createServer((client) => {
    if (refusing) return void client.resetAndDestroy()
    connections += 1
    const upstream = createConnection(target)
    pump(client, upstream)
    pump(upstream, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')

  function cut({ refuse = false } = {}): void {
    refusing = refuse
    for (const socket of pairs) socket.resetAndDestroy()
  }

  return {
    port: address.port,
    blackhole: (on) => void (swallowing = on),
    delay: (ms) => void (delayMs = ms),
    cut,
    heal: () => void ((swallowing = false), (refusing = false), (delayMs = 0)),
    get connections() {
      return connections
    },
    close: () => new Promise((resolve) => (cut({ refuse: true }), server.close(() => resolve()))),
  }
}
