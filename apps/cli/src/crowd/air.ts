/**
 * The way through the air to one gate: lines over its Unix socket. A gate that restarts is found again by itself; what is sent
 * meanwhile is lost, as radio is, and nothing piles up.
 */
import { connect, type Socket } from 'node:net'
import type { Clock } from '@gatehouse/runtime'

export interface Air {
  /** One advertisement line without its end. Never waits and never fails. */
  send(line: string): void
  close(): void
}

const RETRY_AFTER_MS = 500
const MAX_UNSENT_BYTES = 64 * 1024

export function createAir(path: string, clock: Pick<Clock, 'monoMs'>): Air {
  let socket: Socket | undefined
  let retryAt = 0
  let closed = false

  function open(): Socket | undefined {
    if (closed || clock.monoMs() < retryAt) return undefined
    retryAt = clock.monoMs() + RETRY_AFTER_MS
    const opened = connect(path)
    opened.on('error', () => opened.destroy())
    opened.on('close', () => {
      if (socket === opened) socket = undefined
    })
    return opened
  }

  return {
    send(line) {
      socket ??= open()
      if (socket && socket.writableLength < MAX_UNSENT_BYTES) socket.write(`${line}\n`)
    },
    close() {
      closed = true
      socket?.destroy()
    },
  }
}
