/**
 * The side of the cloud that faces the gates: broker, ingest and downlink joined. Knowledge comes up through the broker into ingest and
 * is acknowledged after its commit; changes are numbered and go down to whoever listens.
 */
import type { EventId } from '@gatehouse/domain'
import type { Clock, Health, Logger, Metrics, Service } from '@gatehouse/runtime'
import { createBroker } from '../broker/broker.ts'
import { createGateDirectory } from '../broker/gate-directory.ts'
import { createGateState } from '../broker/gate-state.ts'
import type { Broker, BrokerHandlers } from '../broker/ports.ts'
import type { CloudConfig } from '../config.ts'
import type { Database } from '../db/open.ts'
import type { Authority } from '../gates/authority.ts'
import { createGateDownlink } from './gate-downlink.ts'
import { createGateIngest, type GateIngest } from './gate-ingest.ts'
import { createGateMessages } from './gate-messages.ts'

export interface GateSideNeeds {
  readonly config: CloudConfig
  readonly database: Database
  readonly authority: Authority
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** Called after commits with the events that have new facts. */
  readonly committed: (events: ReadonlySet<EventId>) => void
}

export interface GateSide {
  readonly broker: Broker
  readonly services: readonly Service[]
}

export async function createGateSide(needs: GateSideNeeds): Promise<GateSide> {
  const { database, clock } = needs
  // The broker hands messages to rooms that answer through the broker: one of the two has to be known later.
  const joined: { broker?: Broker } = {}
  const send: Broker['send'] = (gate, name, payload) => joined.broker?.send(gate, name, payload) ?? false

  const up = createGateIngest({ ...needs, ack: (_org, gate, ack) => void send(gate, 'ack', JSON.stringify(ack)) })
  const down = createGateDownlink({
    ...needs,
    broadcast: (topic, payload) => void joined.broker?.broadcast(topic, payload),
  })
  const state = createGateState({ connection: database.pool, clock })
  const handlers = createGateMessages({ ...needs, ...up, ...down, state, broker: () => ({ send }) })
  const broker = await openBroker(needs, handlers)
  joined.broker = broker

  return {
    broker,
    services: [
      { name: 'gate state', run: (signal) => state.run(signal), stop: () => state.flush() },
      down.service,
      brokerService(broker, up),
    ],
  }
}

function openBroker(
  { config, database, authority, clock, logger, metrics }: GateSideNeeds,
  handlers: BrokerHandlers,
): Promise<Broker> {
  return createBroker({
    host: config['mqtt.host'],
    port: config['mqtt.port'],
    ...(config['mqtt.tls'] ? { tls: authority.broker } : {}),
    directory: createGateDirectory(database.pool),
    handlers,
    clock,
    logger,
    metrics,
    connectsPerSec: config['mqtt.connectsPerSec'],
    connectBurst: config['mqtt.connectBurst'],
  })
}

/** Nobody new comes in, what came in is written and acknowledged, and only then the connections and the writers end. */
function brokerService(broker: Broker, { ingest, close }: GateIngest): Service {
  return {
    name: 'broker',
    run: (signal) => broker.watchRevocations(signal),
    async drain() {
      await broker.drain()
      await ingest.idle()
    },
    async stop() {
      await broker.stop()
      await close()
    },
  }
}
