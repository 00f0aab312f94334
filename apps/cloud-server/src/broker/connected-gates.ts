/**
 * The gates that are connected now, and which topics each of them hears. Messages are written to their connections directly; one whose
 * gate does not read is cut when too much waits for it, the gate comes back and asks for what it missed.
 */
import type { Duplex } from 'node:stream'
import type { GateId } from '@gatehouse/domain'
import { type DownName, downTopic, maySubscribe } from '@gatehouse/protocol'
import type { Client } from 'aedes'
import type { GateIdentity } from './ports.ts'

export interface ConnectedGatesNeeds {
  readonly presence: (identity: GateIdentity, isOnline: boolean) => void
  readonly counted: (connections: number) => void
  readonly refused: (reason: string) => void
}

export interface ConnectedGates {
  readonly count: number
  /** Undefined: the connection was never admitted. */
  identityOf(client: Client): GateIdentity | undefined
  admitted(client: Client, identity: GateIdentity): void
  arrived(client: Client): void
  left(client: Client): void
  /** Notes that a gate wants to hear a topic; false when it may not. */
  listen(client: Client, topic: string): boolean
  /** See `Broker`. */
  send(gate: GateId, name: DownName, payload: Uint8Array | string): boolean
  broadcast(topic: string, payload: Uint8Array): number
  disconnect(gate: GateId): void
  /** Cuts a gate that was revoked, moved to another event or given another certificate. Undefined: revoked. */
  compare(gate: GateId, identity: GateIdentity | undefined): void
  forgetUnheard(): void
}

/** Cuts a connection that takes nothing for as long as the broker's drain timeout says; its types do not know it. */
type DrainingClient = Client & { waitForDrain(done: () => void): void }

const BEHIND_AT_MOST_BYTES = 8 * 1024 * 1024
const PUBLISH_QOS_1 = 0x32

export function createConnectedGates({ presence, counted, refused }: ConnectedGatesNeeds): ConnectedGates {
  const identities = new WeakMap<Client, GateIdentity>()
  const online = new Map<GateId, Client>()
  const listeners = new Map<string, Set<Client>>()
  /** Those that listen to everything below their own `down/`. */
  const hearsAll = new WeakSet<Client>()
  let lastId = 0

  /** One row of numbers for all: a page has the same bytes for every gate, and no gate has 65,535 messages under way. */
  function nextId(): number {
    lastId = (lastId % 65_535) + 1
    return lastId
  }

  /**
   * Straight to the connection: the library would write it some turns later, in a packet of its own to the network. Whatever else is
   * said in this turn (the PUBACKs of the messages that an ack answers) goes with it.
   */
  function write(client: Client, packet: readonly [head: Buffer, payload: Buffer]): boolean {
    const conn = client.conn as Duplex
    if (conn.destroyed) return false
    if (conn.writableLength > BEHIND_AT_MOST_BYTES) {
      refused('too-slow')
      conn.destroy()
      return false
    }
    conn.cork()
    process.nextTick(uncork, conn)
    conn.write(packet[0])
    if (!conn.write(packet[1])) (client as DrainingClient).waitForDrain(noop)
    return true
  }

  return {
    get count() {
      return online.size
    },
    identityOf: (client) => identities.get(client),
    admitted: (client, identity) => void identities.set(client, identity),
    arrived(client) {
      const identity = identities.get(client)
      if (!identity) return
      online.set(identity.gate, client)
      counted(online.size)
      presence(identity, true)
    },
    left(client) {
      for (const set of listeners.values()) set.delete(client)
      const identity = identities.get(client)
      // A newer connection of the same gate may have taken over.
      if (!identity || online.get(identity.gate) !== client) return
      online.delete(identity.gate)
      counted(online.size)
      presence(identity, false)
    },
    listen(client, topic) {
      const identity = identities.get(client)
      const events = identity?.event === undefined ? [] : [identity.event]
      if (!identity || !maySubscribe({ org: identity.org, gate: identity.gate, events }, topic)) return false
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set.add(client))
      if (topic.endsWith('/#')) hearsAll.add(client)
      return true
    },
    send(gate, name, payload) {
      const client = online.get(gate)
      const identity = client && identities.get(client)
      if (!client || !identity) return false
      const topic = downTopic(identity.org, gate, name)
      const hears = hearsAll.has(client) || listeners.get(topic)?.has(client)
      return hears === true && write(client, publishPacket(nextId(), topic, bytesOf(payload)))
    },
    broadcast(topic, payload) {
      let heard = 0
      const packet = publishPacket(nextId(), topic, bytesOf(payload))
      for (const client of listeners.get(topic) ?? []) if (write(client, packet)) heard += 1
      return heard
    },
    disconnect: (gate) => online.get(gate)?.close(),
    compare(gate, identity) {
      const client = online.get(gate)
      const before = client && identities.get(client)
      if (!client || !before) return
      const isSame = identity?.certSerial === before.certSerial && identity?.event === before.event
      if (identity && isSame) identities.set(client, identity)
      else client.close()
    },
    forgetUnheard() {
      for (const [topic, set] of listeners) if (set.size === 0) listeners.delete(topic)
    },
  }
}

const uncork = (conn: Duplex) => conn.uncork()
const noop = () => undefined

/** A PUBLISH of MQTT 3.1.1 at QoS 1, its payload apart so that a page for many gates is held once. */
function publishPacket(id: number, topic: string, payload: Buffer): readonly [head: Buffer, payload: Buffer] {
  const topicBytes = Buffer.byteLength(topic)
  let left = 2 + topicBytes + 2 + payload.length
  const head = Buffer.allocUnsafe(1 + 4 + 2 + topicBytes + 2)
  let at = head.writeUInt8(PUBLISH_QOS_1, 0)
  do {
    const byte = left & 0x7f
    left >>>= 7
    at = head.writeUInt8(left > 0 ? byte | 0x80 : byte, at)
  } while (left > 0)
  at = head.writeUInt16BE(topicBytes, at)
  at += head.write(topic, at)
  at = head.writeUInt16BE(id, at)
  return [head.subarray(0, at), payload]
}

function bytesOf(payload: Uint8Array | string): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length)
}
