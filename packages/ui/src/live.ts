/**
 * Keeps one connection to a stream of messages alive and says honestly how fresh the screen is. It is live from the first message
 * of a connection until that connection closes or falls silent; after that the screen shows the instant of the last message, and
 * tries again with jittered backoff that begins anew once a message has come.
 */
export interface Freshness {
  readonly live: boolean
  /** When the last message came, Unix ms by the reader's clock; missing before the first one. */
  readonly asOf?: number
}

export interface Hearing {
  readonly message: (name: string, data: unknown) => void
  readonly lost: () => void
}

/** Opens a connection and returns how to close it. It may call `lost` at most once. */
export type OpenStream = (hear: Hearing) => () => void

interface KeepLive {
  readonly open: OpenStream
  readonly onMessage: (name: string, data: unknown) => void
  readonly onFreshness: (freshness: Freshness) => void
  readonly now: () => number
  readonly random: () => number
  /** Runs `work` after `ms` and returns how to call it off. */
  readonly after: (ms: number, work: () => void) => () => void
  /** Silence after which a connection counts as lost although nobody closed it. */
  readonly silentMs?: number
  readonly firstMs?: number
  readonly maxMs?: number
}

/** Returns how to end it for good. */
export function keepLive(deps: KeepLive): () => void {
  const { open, onMessage, onFreshness, now, random, after, silentMs = 20_000, firstMs = 500, maxMs = 15_000 } = deps
  let ended = false
  let failures = 0
  let asOf: number | undefined
  let isLive = false
  let close = () => {}
  let cancel = () => {}

  const tell = (live: boolean) => {
    isLive = live
    onFreshness(asOf === undefined ? { live } : { live, asOf })
  }

  const lose = () => {
    cancel()
    close()
    close = () => {}
    if (ended) return
    if (isLive || failures === 0) tell(false)
    const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 10))
    failures += 1
    // Never at once: a server that accepts and drops would otherwise be called in a tight loop.
    cancel = after(ceiling * (0.25 + 0.75 * random()), connect)
  }

  const connect = () => {
    let isCurrent = true
    cancel = after(silentMs, lose)
    const shut = open({
      message: (name, data) => {
        if (ended || !isCurrent) return
        failures = 0
        asOf = now()
        if (!isLive) tell(true)
        cancel()
        cancel = after(silentMs, lose)
        onMessage(name, data)
      },
      lost: () => {
        if (!isCurrent) return
        isCurrent = false
        lose()
      },
    })
    close = () => {
      isCurrent = false
      shut()
    }
    if (!isCurrent) shut()
  }

  connect()
  return () => {
    ended = true
    lose()
  }
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/** Server-sent events; each name becomes a message, and a heartbeat is whatever the server sends under one of them. */
export function eventStream(url: string, names: readonly string[]): OpenStream {
  return ({ message, lost }) => {
    const source = new EventSource(url)
    for (const name of names) {
      source.addEventListener(name, (heard) => message(name, parsed((heard as MessageEvent<unknown>).data)))
    }
    // The browser would retry by itself, at a fixed pace and for ever; ours backs off and can tell the reader.
    source.onerror = () => lost()
    return () => source.close()
  }
}

/**
 * A WebSocket whose messages are JSON objects with a `type`; the address is relative to the page. Close codes from 4400 on are the
 * server's word that trying again is pointless: they are handed to `refused`, which ends the whole thing.
 */
export function socketStream(path: string, refused: (code: number) => void): OpenStream {
  return ({ message, lost }) => {
    const address = new URL(path, location.href)
    address.protocol = address.protocol.replace('http', 'ws')
    const socket = new WebSocket(address)
    socket.onmessage = (heard) => {
      const body = parsed(heard.data) as { type?: unknown } | undefined
      message(typeof body?.type === 'string' ? body.type : '', body)
    }
    socket.onclose = ({ code }) => {
      if (code >= 4400 && code < 4500) refused(code)
      else lost()
    }
    return () => socket.close()
  }
}

/** The browser's own timers, in the shape `keepLive` asks for. */
export function afterTimeout(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}
