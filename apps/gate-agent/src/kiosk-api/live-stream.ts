/**
 * The live stream of answers and state to open staff pages (server-sent events). Each page gets the state at once, everything
 * that happens from then on, and the state again every few seconds as a sign of life. A page that does not read fast enough
 * is cut off; it connects again and asks for what it missed.
 */
import type { ServerResponse } from 'node:http'
import type { LiveMessage, StateView } from './wire.ts'

export interface LiveStream {
  /** False when too many listen already. */
  open(response: ServerResponse): boolean
  send(message: LiveMessage): void
  readonly listeners: number
  /** To be called every few seconds. */
  heartbeat(): void
  close(): void
}

const MOST_LISTENERS = 32
const MOST_UNREAD_BYTES = 256 * 1024

export function createLiveStream(state: () => StateView): LiveStream {
  const listeners = new Set<ServerResponse>()

  function write(listener: ServerResponse, text: string): void {
    if (listener.writableLength > MOST_UNREAD_BYTES) {
      listeners.delete(listener)
      listener.destroy()
      return
    }
    listener.write(text)
  }

  function send(message: LiveMessage): void {
    if (listeners.size === 0) return
    const text = frame(message)
    for (const listener of listeners) write(listener, text)
  }

  return {
    open(response) {
      if (listeners.size >= MOST_LISTENERS) return false
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        connection: 'keep-alive',
      })
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
      response.on('error', () => listeners.delete(response))
      write(response, `retry: 1000\n\n${frame({ event: 'state', data: state() })}`)
      return true
    },
    send,
    get listeners() {
      return listeners.size
    },
    heartbeat() {
      if (listeners.size > 0) send({ event: 'state', data: state() })
    },
    close() {
      for (const listener of listeners) listener.end()
      listeners.clear()
    },
  }
}

function frame({ event, data }: LiveMessage): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
