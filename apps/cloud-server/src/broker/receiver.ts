/**
 * What happens with each packet a gate publishes: it is held against the protocol's access rule, counted, and handed over. Whatever is not
 * allowed cuts the connection; a name that this version does not know is dropped in silence.
 */
import { mayPublish, mayRetain, parseTopic } from '@gatehouse/protocol'
import { describe, Failure, type Logger } from '@gatehouse/runtime'
import type { Aedes, Client } from 'aedes'
import type { BrokerHandlers, GateIdentity } from './ports.ts'

type PublishPacket = Parameters<Aedes['authorizePublish']>[1]
type Done = (error?: Error | null) => void

export interface ReceiverNeeds {
  readonly handlers: Pick<BrokerHandlers, 'journal' | 'message'>
  readonly identityOf: (client: Client) => GateIdentity | undefined
  readonly refused: (reason: string) => void
  readonly received: (name: string) => void
  readonly logger: Logger
}

export function createReceiver({ handlers, identityOf, refused, received, logger }: ReceiverNeeds) {
  function takeJournal(identity: GateIdentity, payload: Uint8Array, done: Done): void {
    handlers.journal(identity, payload).then(
      () => done(),
      (error) => {
        refused('ingest-behind')
        logger.warn({ gate: identity.gate, problem: describe(error) }, 'journal message not taken; it will come again')
        done()
      },
    )
  }

  return (client: Client | null, packet: PublishPacket, done: Done): void => {
    const identity = client ? identityOf(client) : undefined
    const problem = identity ? problemWith(identity, packet) : 'no-session'
    if (!identity || problem) {
      refused(problem ?? 'no-session')
      return done(new Failure('GH-BROKER-006', `refused: ${problem}`))
    }
    const topic = parseTopic(packet.topic)
    // A name that this version does not know: accepted and dropped, so that a newer gate can live with us.
    received(topic?.side === 'up' ? topic.name : 'unknown')
    if (topic?.side !== 'up') return done()
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    if (topic.name === 'journal') return takeJournal(identity, payload, done)
    handlers.message(identity, topic.name, payload)
    done()
  }
}

/** Undefined when the protocol allows this packet to this gate. */
function problemWith(identity: GateIdentity, { topic, qos, retain }: PublishPacket): string | undefined {
  if (!mayPublish(identity, topic)) return 'publish'
  if (retain && !mayRetain(topic)) return 'retain'
  if (topic.endsWith('/up/journal') && qos !== 1) return 'qos'
  return qos === 2 ? 'qos' : undefined
}
