/** What the broker needs of the house, and what it is for the others. It knows connections and topics, nothing of their content. */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import type { DownName, UpName } from '@gatehouse/protocol'

/** Who a connection belongs to; taken from the certificate and the database, never from what it says. */
export interface GateIdentity {
  readonly org: OrgId
  readonly gate: GateId
  readonly event: EventId | undefined
  /** Serial of the one certificate that is accepted, hex in upper case. */
  readonly certSerial: string | undefined
}

export interface GateDirectory {
  /** Undefined: no such gate, or revoked. */
  find(gate: GateId): Promise<GateIdentity | undefined>
  /** Gates that were revoked or changed since the last call. */
  changed(): Promise<readonly { readonly gate: GateId; readonly identity: GateIdentity | undefined }[]>
}

export type SmallName = Exclude<UpName, 'journal'>

export interface BrokerHandlers {
  /** Resolves after COMMIT; the PUBACK waits for it. A rejection only withholds the ack of our own. */
  journal(from: GateIdentity, payload: Uint8Array): Promise<void>
  message(from: GateIdentity, name: SmallName, payload: Uint8Array): void
  /** A connection was accepted, or the last one of the gate is gone. */
  presence(from: GateIdentity, isOnline: boolean): void
}

export interface Broker {
  readonly port: number
  /** False when new connections are taken no longer. */
  readonly isListening: boolean
  readonly connections: number
  /** To one gate; false when it is not connected or does not listen. */
  send(gate: GateId, name: DownName, payload: Uint8Array | string): boolean
  /** To every gate that listens to the topic of an event; returns how many. */
  broadcast(topic: string, payload: Uint8Array): number
  /** Cuts the connection of a gate, if there is one. */
  disconnect(gate: GateId): void
  /** Takes no new connections; those that exist go on. */
  drain(): Promise<void>
  /** Closes everything. */
  stop(): Promise<void>
  /** Looks for revoked gates until the signal is aborted. */
  watchRevocations(signal: AbortSignal): Promise<void>
}
