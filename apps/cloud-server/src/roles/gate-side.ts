/**
 * The side of the cloud that faces the gates: broker, ingest and downlink joined. Knowledge comes up through the broker into ingest and
 * is acknowledged after its commit; changes are numbered and go down to whoever listens.
 */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import { publicKeyFromRaw, verifyHead } from '@gatehouse/protocol'
import type { Clock, Health, Logger, Metrics, Service } from '@gatehouse/runtime'
import { createBroker } from '../broker/broker.ts'
import { createGateDirectory } from '../broker/gate-directory.ts'
import { createGateState } from '../broker/gate-state.ts'
import type { Broker } from '../broker/ports.ts'
import type { CloudConfig } from '../config.ts'
import type { Database } from '../db/open.ts'
import type { Connection } from '../db/pool.ts'
import { createWriter } from '../db/writer.ts'
import { createPages } from '../downlink/pages.ts'
import { createPgFeedStore } from '../downlink/pg-feed-store.ts'
import { createPublisher } from '../downlink/publisher.ts'
import type { Authority } from '../gates/authority.ts'
import { createIngest } from '../ingest/ingest.ts'
import type { IngestAlert, Verify } from '../ingest/needs.ts'
import { createPgIngestStore, shareWriters } from '../ingest/pg-ingest-store.ts'
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

const PUBLISH_EVERY_MS = 200
/** While one shard waits for the database the other one reads and checks: a writer is never idle. A gate's writer follows from its shard. */
const SHARDS_PER_WRITER = 2
/** Larger than the default: each numbering of a roster costs a few round trips, and an import should be at the gates in seconds. */
const NUMBER_LINES = 1_000

export async function createGateSide(needs: GateSideNeeds): Promise<GateSide> {
  const { config, database, authority, clock, logger, metrics } = needs
  const ingestWriters = Array.from({ length: config['ingest.writers'] }, (_, n) =>
    createWriter({ url: database.url, name: `ingest ${n}` }),
  )
  const numbering = createWriter({ url: database.url, name: 'numbering', planFor: 'rows' })
  const pagesWriter = createWriter({ url: database.url, name: 'pages', planFor: 'rows' })
  const shardOf = (gate: GateId) => Number.parseInt(gate.slice(-6), 16) % ingestWriters.length
  const number = (n: number) => config['ingest.number'] * 64 + n
  const store = shareWriters(
    ingestWriters.map((writer, n) => createPgIngestStore({ writer, clock, number: number(n) })),
    shardOf,
  )
  const feeds = createPgFeedStore({ numbering, pages: pagesWriter, reader: database.pool })
  const state = createGateState({ connection: database.pool, clock })
  const sign = (org: OrgId, topic: string, header: object) => authority.signDownlink(org, topic, header)
  // The broker hands messages to rooms that answer through the broker: one of the two has to be known later.
  const joined: { broker?: Broker } = {}
  const send = (gate: GateId, name: 'ack' | 'feed', payload: Uint8Array | string) =>
    joined.broker?.send(gate, name, payload) ?? false
  const ingest = createIngest({
    store,
    verifyOf: verifiers(database.pool, clock),
    now: clock.now,
    ack: (_org, gate, ack) => void send(gate, 'ack', JSON.stringify(ack)),
    alert: createAlerts(needs),
    committed: needs.committed,
    settings: { shards: ingestWriters.length * SHARDS_PER_WRITER },
  })
  const pages = createPages({ store: feeds, sign })
  const handlers = createGateMessages({
    ingest,
    pages,
    state,
    broker: () => ({ send: send as Broker['send'] }),
    clock,
    logger,
    metrics,
  })
  const broker = await createBroker({
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
  joined.broker = broker
  const publisher = createPublisher({
    store: feeds,
    publish: async (topic, payload) => void broker.broadcast(topic, payload),
    sign,
    settings: { numberLines: NUMBER_LINES },
  })
  const beat = needs.health.beat('downlink', 30_000)
  return {
    broker,
    services: [
      { name: 'gate state', run: (signal) => state.run(signal), stop: () => state.flush() },
      {
        name: 'downlink',
        async run(signal) {
          while (!signal.aborted) {
            await publisher.turn()
            beat()
            await clock.sleep(PUBLISH_EVERY_MS, signal)
          }
        },
        stop: async () => void (await Promise.all([numbering.end(), pagesWriter.end()])),
      },
      {
        name: 'broker',
        run: (signal) => broker.watchRevocations(signal),
        drain: async () => {
          await broker.drain()
          await ingest.idle()
        },
        stop: async () => {
          await broker.stop()
          await Promise.all(ingestWriters.map((writer) => writer.end()))
        },
      },
    ],
  }
}

const KEY_FOR_MS = 30_000

/** The public keys of journals, remembered for half a minute: a gate that is handed over again gets a new one. */
function verifiers(connection: Connection, clock: Clock): (gate: GateId) => Promise<Verify | undefined> {
  const known = new Map<GateId, { readonly verify: Verify | undefined; readonly readAtMs: number }>()
  return async (gate) => {
    const held = known.get(gate)
    if (held && clock.monoMs() - held.readAtMs < KEY_FOR_MS) return held.verify
    const { rows } = await connection.query<{ signing_key: Buffer | null }>({
      name: 'signing-key',
      text: 'SELECT signing_key FROM gates.gates WHERE id = $1',
      values: [gate],
    })
    const raw = rows[0]?.signing_key
    const key = raw ? publicKeyFromRaw(raw) : undefined
    const verify: Verify | undefined = key && ((epoch, to, head, sig) => verifyHead(key, epoch, to, head, sig))
    known.set(gate, { verify, readAtMs: clock.monoMs() })
    return verify
  }
}

function createAlerts({ logger, metrics, database, clock }: GateSideNeeds): (alert: IngestAlert) => void {
  const alerts = metrics.counter('gatehouse_ingest_alerts_total', 'What ingest found wrong, by kind', ['what'])
  return ({ raw, ...alert }) => {
    alerts.add({ what: alert.what })
    logger.warn({ ...alert }, 'ingest alert')
    if (!raw) return
    database.pool
      .query('INSERT INTO attendance.unreadable_messages (gate, at, reason, raw) VALUES ($1, $2, $3, $4)', [
        alert.gate,
        new Date(clock.now()),
        alert.detail ?? alert.what,
        Buffer.from(raw),
      ])
      .catch((error: Error) => logger.warn({ problem: error.message }, 'an unreadable message could not be kept'))
  }
}
