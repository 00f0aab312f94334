/**
 * The embedded broker: a pipe with a strict doorkeeper. Who connects is known by their certificate; what they may say and hear follows
 * from the protocol's access rule, and everything else is refused and counted. Nothing passes through the library's emitter, which can
 * bring the process down when a slow subscriber leaves: what gates send is handed over where publishing is authorized, what
 * is for gates is written to their connections directly.
 *
 * A journal message is acknowledged to MQTT after its COMMIT. When ingest cannot take it, MQTT is acknowledged all the same: a gate whose
 * connection is closed twice over one batch takes the batch for poison, and its real ack is `down/ack`.
 */
import { describe, Failure, type Logger, type Metrics } from '@gatehouse/runtime'
import { Aedes } from 'aedes'
import { admit, refusalOf } from './admission.ts'
import { type ConnectedGates, createConnectedGates } from './connected-gates.ts'
import { type EntranceSettings, openEntrance } from './entrance.ts'
import type { Broker, BrokerHandlers, GateDirectory } from './ports.ts'
import { createReceiver } from './receiver.ts'

type AedesOptions = NonNullable<ConstructorParameters<typeof Aedes>[0]>

export interface BrokerSettings extends EntranceSettings {
  readonly directory: GateDirectory
  readonly handlers: BrokerHandlers
  readonly logger: Logger
  readonly metrics: Metrics
}

const CONNECT_WITHIN_MS = 5_000
const DRAIN_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 2_000

export async function createBroker(settings: BrokerSettings): Promise<Broker> {
  const { handlers, directory, clock } = settings
  const counts = countsOf(settings.metrics)
  const { refused } = counts
  const gates = createConnectedGates({ presence: handlers.presence, counted: counts.connected, refused })
  const aedes = quietAedes(doorkeeper(settings, gates, counts))
  await aedes.listen()
  follow(aedes, gates, refused, settings.logger)
  const entrance = await openEntrance(settings, (socket) => void aedes.handle(socket), refused)

  return {
    port: entrance.port,
    get isListening() {
      return entrance.isListening
    },
    get connections() {
      return gates.count
    },
    send: gates.send,
    broadcast: gates.broadcast,
    disconnect: gates.disconnect,
    async drain() {
      entrance.close()
    },
    async stop() {
      entrance.close()
      await new Promise<void>((resolve) => aedes.close(resolve))
    },
    async watchRevocations(signal) {
      while (!signal.aborted) {
        for (const { gate, identity } of await directory.changed()) gates.compare(gate, identity)
        gates.forgetUnheard()
        await clock.sleep(LOOK_EVERY_MS, signal)
      }
    },
  }
}

type Counts = ReturnType<typeof countsOf>

function countsOf(metrics: Metrics) {
  const refusals = metrics.counter('gatehouse_broker_refused_total', 'What gates were refused, by reason', ['reason'])
  const messages = metrics.counter('gatehouse_broker_received_total', 'Messages from gates, by name', ['name'])
  const connections = metrics.gauge('gatehouse_broker_connections', 'Gates connected now')
  return {
    refused: (reason: string) => refusals.add({ reason }),
    received: (name: string) => messages.add({ name }),
    connected: (count: number) => connections.set(count),
  }
}

/** Everything the library asks before it lets anything happen. */
function doorkeeper(settings: BrokerSettings, gates: ConnectedGates, { refused, received }: Counts): AedesOptions {
  const { directory, handlers, logger, tls } = settings
  return {
    authenticate: (client, username, _password, done) => {
      admit(client, username, { directory, hasTls: tls !== undefined }).then(
        (identity) => {
          gates.admitted(client, identity)
          done(null, true)
        },
        (error: Error) => {
          const reason = error instanceof Failure ? error.code : 'database'
          refused(reason)
          logger.warn({ reason, problem: describe(error) }, 'connection refused')
          done(refusalOf(error), false)
        },
      )
    },
    authorizePublish: createReceiver({ handlers, identityOf: gates.identityOf, refused, received, logger }),
    authorizeSubscribe: (client, subscription, done) => {
      if (gates.listen(client, subscription.topic)) return done(null, subscription)
      refused('subscribe')
      done(null, null)
    },
  }
}

/** Everything the library tells afterwards. */
function follow(aedes: Aedes, gates: ConnectedGates, refused: (reason: string) => void, logger: Logger): void {
  aedes.on('clientReady', gates.arrived)
  aedes.on('clientDisconnect', gates.left)
  aedes.on('clientError', (client, error) => {
    // A broken cable and what was refused and counted elsewhere carry a code; the rest is no MQTT.
    if (!('code' in error)) refused('protocol')
    logger.debug({ gate: client.id, problem: describe(error) }, 'connection error')
  })
  aedes.on('connectionError', () => refused('no-connect'))
}

/** Nobody but gates connects, and gates only hear what is sent to them: no message is ever routed, retained or stored here. */
function quietAedes(options: AedesOptions): Aedes {
  const aedes = new Aedes({
    concurrency: 0,
    connectTimeout: CONNECT_WITHIN_MS,
    drainTimeout: DRAIN_WITHIN_MS,
    maxClientsIdLength: 36,
    ...options,
  })
  aedes.publish = (_packet: unknown, client: unknown, done?: unknown) => {
    const finished = typeof client === 'function' ? client : done
    if (typeof finished === 'function') finished(null)
  }
  return aedes
}
