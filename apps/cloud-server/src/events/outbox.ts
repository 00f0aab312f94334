/**
 * Messages to the other contexts, written in the transaction of the change they tell about: either both happened or neither. A relay
 * takes them from the outbox, at least once each.
 */
import type { EventId, OrgId } from '@gatehouse/domain'
import type { ClientBase } from 'pg'

export type MessageKind =
  | 'event.created'
  | 'event.changed'
  | 'participant.registered'
  | 'participant.changed'
  | 'credential.issued'
  | 'credential.revoked'
  | 'gate.created'
  | 'gate.changed'
  | 'gate.revoked'

export interface Message {
  readonly kind: MessageKind
  readonly org: OrgId
  readonly event: EventId | null
  /** Ids and counts only: names and addresses stay in their own tables. */
  readonly payload: Readonly<Record<string, unknown>>
}

export async function writeOutbox(client: ClientBase, { kind, org, event, payload }: Message): Promise<void> {
  await client.query('insert into attendance.outbox (kind, org, event, payload) values ($1, $2, $3, $4)', [
    kind,
    org,
    event,
    JSON.stringify(payload),
  ])
}
