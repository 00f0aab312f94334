/** What the roster needs from whoever keeps the event's private ticket keys: the roster signs tickets, it never sees a key at rest. */
import type { KeyObject } from 'node:crypto'
import type { EventId } from '@gatehouse/domain'

export interface TicketKeys {
  /** Makes the event's key when there is none yet. `publicKey` is raw Ed25519, base64. */
  ensure(event: EventId): Promise<{ readonly id: number; readonly publicKey: string }>
  signer(event: EventId): Promise<{ readonly id: number; readonly privateKey: KeyObject }>
}
