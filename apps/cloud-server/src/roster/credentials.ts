/**
 * Credentials: a QR ticket is signed here, a badge gets its number here, and either is known to the gates only by its pseudonym. A
 * revocation is final; who needs another one is issued another one.
 */
import type { CredentialKey, CredentialKind, EventId, OrgId, ParticipantId } from '@gatehouse/domain'
import { encodeTicket, pseudonym, toHex } from '@gatehouse/protocol'
import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/pool.ts'
import { writeOutbox } from '../events/outbox.ts'
import type { TicketKeys } from './ports.ts'

export interface CredentialView {
  readonly id: string
  readonly kind: CredentialKind
  readonly status: 'active' | 'revoked'
  readonly key: CredentialKey
  readonly ticket?: string
  readonly badgeNumber?: number
}

/** What an event's credentials are made with. */
export interface Issuer {
  readonly event: EventId
  readonly pepper: Uint8Array
  readonly signer: Awaited<ReturnType<TicketKeys['signer']>>
}

export interface NewCredential {
  readonly kind: CredentialKind
  readonly canonical: string
  readonly key: CredentialKey
  readonly ticket: string | null
  readonly badgeNumber: number | null
}

export interface Credentials {
  /** Undefined when the participant is not one of the organization. */
  issue(org: OrgId, participant: ParticipantId, kind: CredentialKind): Promise<CredentialView | undefined>
  revoke(org: OrgId, participant: ParticipantId, credential: string): Promise<CredentialView | undefined>
}

interface CredentialRow {
  readonly id: string
  readonly kind: CredentialKind
  readonly status: 'active' | 'revoked'
  readonly key: string
  readonly ticket: string | null
  readonly badge_number: number | null
}

export function newTicket(
  { event, pepper, signer }: Issuer,
  randomBytes: (count: number) => Uint8Array,
): NewCredential {
  const id = toHex(randomBytes(10))
  const ticket = encodeTicket(
    { keyId: signer.id, eventId: event, ticket: id, class: 0, flags: 0, notBefore: 0, notAfter: 0 },
    signer.privateKey,
  )
  return { kind: 'qr', canonical: id, key: pseudonym(pepper, 'qr', id), ticket, badgeNumber: null }
}

export function newBadge({ pepper }: Issuer, badgeNumber: number): NewCredential {
  const canonical = `rb:${badgeNumber}`
  return { kind: 'badge', canonical, key: pseudonym(pepper, 'badge', canonical), ticket: null, badgeNumber }
}

/** Gives out badge numbers without gaps or doubles: the event's row is locked until the transaction ends. */
export async function lockIssuer(
  client: ClientBase,
  keys: TicketKeys,
  org: OrgId,
  event: EventId,
): Promise<(Issuer & { nextBadge: number }) | undefined> {
  const { rows } = await client.query<{ pepper: Buffer }>(
    'select pepper from events.events where org = $1 and id = $2 for no key update',
    [org, event],
  )
  const pepper = rows[0]?.pepper
  if (!pepper) return undefined
  // A statement of its own: one that waited for the lock would still see the numbers of before the wait.
  const last = await client.query<{ number: number }>(
    'select coalesce(max(badge_number), 0) as number from roster.credentials where event = $1',
    [event],
  )
  return { event, pepper, signer: await keys.signer(event), nextBadge: (last.rows[0]?.number ?? 0) + 1 }
}

/** The gates' rules say which badge numbers exist: new numbers make a new rules line. */
export async function noteNewBadges(client: ClientBase, event: EventId): Promise<void> {
  await client.query('update events.events set updated_at = now() where id = $1', [event])
}

export async function credentialsOf(
  pool: Pool | ClientBase,
  participant: ParticipantId,
): Promise<readonly CredentialView[]> {
  const { rows } = await pool.query<CredentialRow>(
    `select id, kind, status, replace(key::text, '-', '') as key, ticket, badge_number from roster.credentials
     where participant = $1 order by created_at, id limit 100`,
    [participant],
  )
  return rows.map(viewOf)
}

export function createCredentials(deps: {
  pool: Pool
  newId: () => string
  randomBytes: (count: number) => Uint8Array
  ticketKeys: TicketKeys
}): Credentials {
  const { pool } = deps

  async function issue(
    org: OrgId,
    participant: ParticipantId,
    kind: CredentialKind,
  ): Promise<CredentialView | undefined> {
    return inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ event: EventId }>('select event from roster.participants where id = $1', [
        participant,
      ])
      const issuer = rows[0] && (await lockIssuer(client, deps.ticketKeys, org, rows[0].event))
      if (!issuer) return undefined
      const made = kind === 'qr' ? newTicket(issuer, deps.randomBytes) : newBadge(issuer, issuer.nextBadge)
      const id = deps.newId()
      await client.query(
        `insert into roster.credentials (id, participant, event, kind, canonical, ticket, badge_number, key) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [id, participant, issuer.event, made.kind, made.canonical, made.ticket, made.badgeNumber, made.key],
      )
      if (kind === 'qr')
        await client.query('update roster.participants set token = $2 where id = $1', [participant, made.canonical])
      await writeOutbox(client, {
        kind: 'credential.issued',
        org,
        event: issuer.event,
        payload: { participant, credential: id },
      })
      return viewOf({ ...made, id, status: 'active', badge_number: made.badgeNumber })
    })
  }

  async function revoke(
    org: OrgId,
    participant: ParticipantId,
    credential: string,
  ): Promise<CredentialView | undefined> {
    return inTransaction(pool, async (client) => {
      const { rows } = await client.query<CredentialRow & { event: EventId }>(
        `update roster.credentials c set status = 'revoked' from events.events e
         where e.id = c.event and e.org = $1 and c.participant = $2 and c.id = $3
         returning c.id, c.kind, c.status, replace(c.key::text, '-', '') as key, c.ticket, c.badge_number, c.event`,
        [org, participant, credential],
      )
      const row = rows[0]
      if (!row) return undefined
      await writeOutbox(client, {
        kind: 'credential.revoked',
        org,
        event: row.event,
        payload: { participant, credential },
      })
      return viewOf(row)
    })
  }

  return { issue, revoke }
}

function viewOf(row: CredentialRow): CredentialView {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    key: row.key as CredentialKey,
    ...(row.ticket === null ? {} : { ticket: row.ticket }),
    ...(row.badge_number === null ? {} : { badgeNumber: row.badge_number }),
  }
}
