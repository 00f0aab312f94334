/**
 * A gate of the venue that has fallen into the wrong hands: made through the API, with a real certificate and a real signing key, but
 * driven packet by packet. The cloud has to take what is a fact from it and survive everything else.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type Ack, downTopic, parseAck, type UpName, upTopic } from '@gatehouse/protocol'
import type { Packet } from 'mqtt-packet'
import { eventually, type TestVenue } from '../system/open-venue.ts'
import { connectPacket, openTls, publishPacket, type Wire } from './wire.ts'

/** What of the hand-over document these tests need. */
export interface Handover {
  readonly org: string
  readonly gate: string
  readonly event: string
  readonly brokerUrl: string
  readonly certificate: string
  readonly privateKey: string
  readonly ca: string
  readonly signingKey: string
}

export interface RogueGate {
  readonly handover: Handover
  readonly signingKey: KeyObject
  readonly wire: Wire
  /** Publishes below this gate's own `up/`. */
  say(name: UpName, payload: Uint8Array | string): void
  /** Publishes and waits until MQTT has acknowledged it, or the connection was closed. */
  saySurely(name: UpName, payload: Uint8Array | string): Promise<void>
  acks(): readonly Ack[]
  /** The first ack of this epoch, heard after `since` acks, that reaches `through`. */
  acked(epoch: string, through: number, since?: number): Promise<Ack>
}

const ACKED_WITHIN_MS = 15_000

/** Makes a gate of the venue's event; nothing connects yet. */
export async function makeGate({ cloud, venue }: TestVenue, name: string): Promise<Handover> {
  const body = { name, zone: 'hall', lane: 'a', direction: 'both', capacityPerMinute: 50 }
  const { id } = await cloud.client.post<{ id: string }>(`/events/${venue.event}/gates`, body)
  return cloud.client.post<Handover>(`/gates/${id}/handover`, {})
}

/** Connects as that gate and listens to what the cloud tells it. Throws when the broker does not let it in. */
export async function connectGate(handover: Handover): Promise<RogueGate> {
  const { org, gate } = handover
  const wire = await openTls(handover.brokerUrl, handover)
  wire.send(connectPacket(gate))
  const welcome = await wire.answer(({ cmd }) => cmd === 'connack')
  if (welcome?.cmd !== 'connack' || welcome.returnCode !== 0) throw new Error('the broker did not let the gate in')
  const filter = `gh/v1/${org}/gates/${gate}/down/#`
  wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] })
  await wire.answer(({ cmd }) => cmd === 'suback')
  let messageId = 1
  const next = () => {
    messageId = (messageId % 65_535) + 1
    return messageId
  }

  const acks = () => wire.received.flatMap((packet) => ackIn(packet, downTopic(org, gate, 'ack')))
  return {
    handover,
    signingKey: createPrivateKey(handover.signingKey),
    wire,
    acks,
    say: (name, payload) => wire.send(publishPacket(upTopic(org, gate, name), payload, { messageId: next() })),
    async saySurely(name, payload) {
      const id = next()
      const since = wire.received.length
      wire.send(publishPacket(upTopic(org, gate, name), payload, { messageId: id }))
      await wire.answer((packet) => packet.cmd === 'puback' && packet.messageId === id, since)
    },
    async acked(epoch, through, since = 0) {
      const find = () => acks().find((ack, at) => at >= since && ack.epoch === epoch && ack.through >= through)
      await eventually(`ack of ${epoch} through ${through}`, ACKED_WITHIN_MS, () => find() !== undefined)
      return find() as Ack
    },
  }
}

function ackIn(packet: Packet, topic: string): Ack[] {
  if (packet.cmd !== 'publish' || packet.topic !== topic) return []
  const ack = parseAck(Buffer.from(packet.payload))
  return ack.ok ? [ack.value] : []
}
