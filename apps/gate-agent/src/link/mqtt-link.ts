/**
 * The one cable between this gate and the cloud: an MQTT connection that is made again whenever it is gone. It carries messages
 * and promises nothing about them; what must arrive is resent by the rooms above until the cloud has acknowledged it
 * (protocol §1). Nothing here is ever awaited by a decision.
 *
 * Each connection is a fresh client, so nothing half-sent lives on in a library's queue. Ways out are few: connected,
 * refused, lost; each but the first leads to a jittered wait that begins anew after a connection that held.
 */
import { Socket } from 'node:net'
import {
  type Clock,
  createBackoff,
  describe,
  Failure,
  type Logger,
  type Random,
  untilAborted,
} from '@gatehouse/runtime'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

export type LinkState = 'up' | 'away' | 'never'

export interface LinkSettings {
  readonly url: string
  /** Client id and user name; the certificate says the same. */
  readonly gate: string
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly ca: string }
  readonly subscriptions: readonly string[]
  /** Asked for at each connection, because the last will carries the instant of connecting. */
  readonly will: () => { readonly topic: string; readonly payload: string }
  readonly onConnected: () => void
  readonly onDisconnected: () => void
  readonly onMessage: (topic: string, payload: Uint8Array) => void
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface Link {
  /** False when it was not taken: no connection, or too much is under way. The caller tries again in its own time. */
  publish(topic: string, payload: string | Uint8Array, options?: { readonly retain?: boolean }): boolean
  state(): { readonly state: LinkState; readonly sinceAt: number }
  counts(): { readonly connects: number; readonly refused: number; readonly dropped: number; readonly inFlight: number }
  run(signal: AbortSignal): Promise<void>
}

const RECONNECT = { firstMs: 1_000, maxMs: 15_000 }
/** A connection that held this long was a good one; a shorter one keeps the wait growing, so a flapping link costs little. */
const HELD_MS = 5_000
const MAX_IN_FLIGHT = 64
const MAX_IN_FLIGHT_BYTES = 4 * 1024 * 1024
const CLOSE_WITHIN_MS = 500

export function createMqttLink(settings: LinkSettings): Link {
  const { clock, logger } = settings
  const backoff = createBackoff({ ...RECONNECT, random: settings.random })
  const tally = { connects: 0, refused: 0, dropped: 0 }
  let current: MqttClient | undefined
  let now: { state: LinkState; sinceAt: number } = { state: 'never', sinceAt: clock.now() }
  let inFlight = 0
  let inFlightBytes = 0

  function publish(topic: string, payload: string | Uint8Array, options: { retain?: boolean } = {}): boolean {
    const bytes =
      typeof payload === 'string'
        ? Buffer.from(payload)
        : Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    const full = inFlight >= MAX_IN_FLIGHT || inFlightBytes + bytes.length > MAX_IN_FLIGHT_BYTES
    if (!current || full) {
      tally.dropped += 1
      return false
    }
    inFlight += 1
    inFlightBytes += bytes.length
    const client = current
    client.publish(topic, bytes, { qos: 1, retain: options.retain ?? false }, () => {
      if (client !== current) return
      inFlight -= 1
      inFlightBytes -= bytes.length
    })
    return true
  }

  /** Lives as long as one connection; resolves when it is gone. */
  async function connection(signal: AbortSignal): Promise<void> {
    const client = mqtt.connect(settings.url, clientOptions(settings))
    const gone = ending(client, signal)
    client.on('message', (topic, payload) => settings.onMessage(topic, payload))
    try {
      await Promise.race([established(client), gone])
      if (!client.connected || signal.aborted) throw lost(gone.cause())
      // A small message right after another would wait 40 ms for the acknowledgement of that one, and every page is asked for so.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true)
      await subscribed(client, settings.subscriptions, gone)
      becomeUp(client)
      await gone
    } finally {
      becomeAway()
      await closed(client)
    }
  }

  function becomeUp(client: MqttClient): void {
    inFlight = 0
    inFlightBytes = 0
    current = client
    tally.connects += 1
    now = { state: 'up', sinceAt: clock.now() }
    logger.info({ url: settings.url }, 'link up')
    settings.onConnected()
  }

  function becomeAway(): void {
    if (!current) return
    current = undefined
    now = { state: 'away', sinceAt: clock.now() }
    logger.warn({ url: settings.url }, 'link away; the gate goes on by itself')
    settings.onDisconnected()
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const beganMs = clock.monoMs()
      try {
        await connection(signal)
      } catch (error) {
        tally.refused += 1
        logger.debug({ problem: describe(error) }, 'no link')
      }
      if (clock.monoMs() - beganMs >= HELD_MS) backoff.reset()
      if (!signal.aborted) await clock.sleep(backoff.nextMs(), signal)
    }
  }

  return {
    publish,
    state: () => now,
    counts: () => ({ ...tally, inFlight }),
    run,
  }
}

function clientOptions({ gate, tls, will }: LinkSettings): IClientOptions {
  const last = will()
  return {
    protocolVersion: 4,
    clean: true,
    keepalive: 15,
    // Own reconnection: the library's has neither jitter nor a bound.
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    clientId: gate,
    username: gate,
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: last.topic, payload: Buffer.from(last.payload), qos: 1, retain: true },
    ...(tls
      ? { ca: tls.ca, cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.3', rejectUnauthorized: true }
      : {}),
  }
}

function established(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('connect', () => resolve()))
}

/** Resolves when the connection has closed or the program ends; never rejects. It remembers the first error it saw. */
function ending(client: MqttClient, signal: AbortSignal): Promise<void> & { cause(): unknown } {
  let cause: unknown
  client.on('error', (error) => {
    cause ??= error
  })
  const gone = new Promise<void>((resolve) => {
    client.once('close', resolve)
    client.once('error', () => resolve())
    void untilAborted(signal).then(resolve)
  })
  return Object.assign(gone, { cause: () => cause })
}

async function subscribed(client: MqttClient, filters: readonly string[], gone: Promise<void> & { cause(): unknown }) {
  const granted = client.subscribeAsync([...filters], { qos: 1 })
  granted.catch(() => undefined)
  const grants = await Promise.race([granted, gone])
  if (!grants) throw lost(gone.cause())
  const refused = grants.filter((grant) => grant.qos === 128).map((grant) => grant.topic)
  if (refused.length === 0) return
  throw new Failure('GH-LINK-002', `the broker refused to deliver ${refused.join(', ')}`, { waitingHelps: true })
}

function lost(cause: unknown): Failure {
  return new Failure('GH-LINK-001', 'no connection to the broker', { cause, waitingHelps: true })
}

/** Says goodbye when it can, and in any case lets go of the socket. */
function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.stream?.destroy()
      resolve()
    }, CLOSE_WITHIN_MS)
    client.end(!client.connected, {}, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
