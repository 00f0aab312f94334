/**
 * Badges heard by another program and handed in as lines over a Unix socket on which this end listens: the demo's crowd, a
 * recording tool, a radio with its own software. Clients come and go, several at a time; a damaged line costs a counter.
 */
import { once } from 'node:events'
import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Failure, type Logger } from '@gatehouse/runtime'
import { MAX_LINE_BYTES } from './advertisement-line.ts'
import { createHearing, type Hearing } from './hearing.ts'
import { createLineSplitter } from './line-splitter.ts'
import type { BeaconSource } from './source.ts'

const MAX_CLIENTS = 16
/** The kernel's limit on the length of a socket's path, without the final NUL; longer ones are silently cut by some systems. */
const MAX_PATH_BYTES = 103

/** True when somebody still answers on the path; a file left behind by a killed process does not. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Only ever removes a socket: a mistyped path must not cost somebody a file. */
async function removeLeftover(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSocket()) await unlink(path)
}

async function listen(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new Failure('GH-BLE-001', `the badge socket's path is longer than ${MAX_PATH_BYTES} bytes: ${path}`)
  if (await isAnswered(path))
    throw new Failure('GH-BLE-002', `another process already listens on the badge socket ${path}`, {
      waitingHelps: true,
    })
  try {
    await removeLeftover(path)
    await once(server.listen(path), 'listening')
    await chmod(path, 0o600)
  } catch (cause) {
    throw new Failure('GH-BLE-003', `cannot listen on the badge socket ${path}`, { cause, waitingHelps: true })
  }
}

function serve(hearing: Hearing, clients: Set<Socket>, socket: Socket): void {
  if (clients.size >= MAX_CLIENTS) {
    socket.destroy()
    return
  }
  clients.add(socket)
  socket.on(
    'data',
    createLineSplitter({ maxBytes: MAX_LINE_BYTES, onLine: hearing.hearLine, onTooLong: hearing.refuse }),
  )
  // A client that vanishes in the middle of a line is everyday life; its end is all that matters.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clients.delete(socket))
}

export function createStreamBeaconSource(settings: {
  path: string
  queueSize?: number
  logger?: Pick<Logger, 'info'>
}): BeaconSource {
  const hearing = createHearing(settings.queueSize)
  return {
    name: 'stream',
    counters: hearing.counters,
    async *advertisements(signal) {
      const clients = new Set<Socket>()
      const server = createServer((socket) => serve(hearing, clients, socket))
      try {
        await listen(server, settings.path)
        settings.logger?.info({ socket: settings.path }, 'badges are taken from a local socket')
        yield* hearing.deliver(signal)
      } finally {
        for (const socket of clients) socket.destroy()
        server.close()
      }
    },
  }
}
