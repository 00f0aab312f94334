/**
 * Credentials: a QR ticket is signed here, a badge gets its number here, and either is known to the gates only by its pseudonym. A
 * revocation is final; who needs another one is issued another one.
 */
import type { CredentialKey, CredentialKind, EventId, OrgId, ParticipantId } from '@gatehouse/domain'
import { encodeTicket, pseudonym, toHex } from '@gatehouse/protocol'
import { and, eq, max } from 'drizzle-orm'
import type { Pool } from 'pg'
import { createDrizzle, type Drizzle } from '../db/drizzle.ts'
import { inTransaction } from '../db/pool.ts'
import { now } from '../db/tables/columns.ts'
import { events } from '../db/tables/events.ts'
import { credentials, participants } from '../db/tables/roster.ts'
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

/** Credentials as they are shown; the canonical form stays inside. */
const COLUMNS = {
  id: credentials.id,
  kind: credentials.kind,
  status: credentials.status,
  key: credentials.key,
  ticket: credentials.ticket,
  badgeNumber: credentials.badgeNumber,
}

type CredentialRow = Pick<typeof credentials.$inferSelect, keyof typeof COLUMNS>

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
  db: Drizzle,
  keys: TicketKeys,
  org: OrgId,
  event: EventId,
): Promise<(Issuer & { nextBadge: number }) | undefined> {
  const isIt = and(eq(events.org, org), eq(events.id, event))
  const [locked] = await db.select({ pepper: events.pepper }).from(events).where(isIt).for('no key update')
  if (!locked) return undefined
  // A statement of its own: one that waited for the lock would still see the numbers of before the wait.
  const highest = { badge: max(credentials.badgeNumber) }
  const [last] = await db.select(highest).from(credentials).where(eq(credentials.event, event))
  return { event, pepper: locked.pepper, signer: await keys.signer(event), nextBadge: (last?.badge ?? 0) + 1 }
}

/** The gates' rules say which badge numbers exist: new numbers make a new rules line. */
export async function noteNewBadges(db: Drizzle, event: EventId): Promise<void> {
  await db.update(events).set({ updatedAt: now }).where(eq(events.id, event))
}

export async function credentialsOf(db: Drizzle, participant: ParticipantId): Promise<readonly CredentialView[]> {
  const ofThem = db.select(COLUMNS).from(credentials).where(eq(credentials.participant, participant))
  const rows = await ofThem.orderBy(credentials.createdAt, credentials.id).limit(100)
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
      const db = createDrizzle(client)
      const isThem = eq(participants.id, participant)
      const [person] = await db.select({ event: participants.event }).from(participants).where(isThem)
      const issuer = person && (await lockIssuer(db, deps.ticketKeys, org, person.event))
      if (!issuer) return undefined
      const made = kind === 'qr' ? newTicket(issuer, deps.randomBytes) : newBadge(issuer, issuer.nextBadge)
      const id = deps.newId()
      await db.insert(credentials).values({ ...made, id, participant, event: issuer.event })
      if (kind === 'qr') await db.update(participants).set({ token: made.canonical }).where(isThem)
      await writeOutbox(client, {
        kind: 'credential.issued',
        org,
        event: issuer.event,
        payload: { participant, credential: id },
      })
      return viewOf({ ...made, id, status: 'active' })
    })
  }

  async function revoke(
    org: OrgId,
    participant: ParticipantId,
    credential: string,
  ): Promise<CredentialView | undefined> {
    return inTransaction(pool, async (client) => {
      const isOurs = and(eq(events.id, credentials.event), eq(events.org, org))
      const isIt = and(eq(credentials.participant, participant), eq(credentials.id, credential))
      const revoked = createDrizzle(client).update(credentials).set({ status: 'revoked' }).from(events)
      const [row] = await revoked.where(and(isOurs, isIt)).returning({ ...COLUMNS, event: credentials.event })
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
    key: row.key,
    ...(row.ticket === null ? {} : { ticket: row.ticket }),
    ...(row.badgeNumber === null ? {} : { badgeNumber: row.badgeNumber }),
  }
}
