/**
 * The network cable between the gates and the cloud: a plain TCP relay that scenes can pull out and plug in again. Bytes go
 * through untouched, so that TLS and the certificates remain those of the two ends.
 */
import { createConnection, createServer, type Socket } from 'node:net'

export interface Cable {
  readonly port: number
  pull(): void
  plug(): void
  close(): Promise<void>
}

export async function layCable(cloudPort: number): Promise<Cable> {
  const sockets = new Set<Socket>()
  let isPulled = false

  function join(from: Socket, to: Socket): void {
    sockets.add(from)
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }

  const server = createServer((gate) => {
    if (isPulled) {
      gate.resetAndDestroy()
      return
    }
    const cloud = createConnection(cloudPort, '127.0.0.1')
    join(gate, cloud)
    join(cloud, gate)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the cable has no port')

  function pull(): void {
    isPulled = true
    for (const socket of sockets) socket.destroy()
  }

  return {
    port: address.port,
    pull,
    plug() {
      isPulled = false
    },
    close() {
      pull()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
