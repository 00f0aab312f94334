/**
 * The gates that are connected now, and which topics each of them hears. Messages are written to their connections directly; one whose
 * gate does not read is cut when too much waits for it, the gate comes back and asks for what it missed.
 */
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

const BEHIND_AT_MOST_BYTES = 8 * 1024 * 1024

export function createConnectedGates({ presence, counted, refused }: ConnectedGatesNeeds): ConnectedGates {
  const identities = new WeakMap<Client, GateIdentity>()
  const online = new Map<GateId, Client>()
  const listeners = new Map<string, Set<Client>>()

  function write(client: Client, topic: string, payload: Uint8Array | string): boolean {
    const { conn } = client
    if (conn.writableLength > BEHIND_AT_MOST_BYTES) {
      refused('too-slow')
      conn.destroy()
      return false
    }
    client.publish(
      { cmd: 'publish', topic, payload: bytesOf(payload), qos: 1, retain: false, dup: false },
      () => undefined,
    )
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
      return true
    },
    send(gate, name, payload) {
      const client = online.get(gate)
      const identity = client && identities.get(client)
      if (!client || !identity) return false
      const topic = downTopic(identity.org, gate, name)
      const all = downTopic(identity.org, gate, '#' as DownName)
      const hears = listeners.get(all)?.has(client) || listeners.get(topic)?.has(client)
      return hears === true && write(client, topic, payload)
    },
    broadcast(topic, payload) {
      let heard = 0
      for (const client of listeners.get(topic) ?? []) if (write(client, topic, payload)) heard += 1
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

function bytesOf(payload: Uint8Array | string): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length)
}
