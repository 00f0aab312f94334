/**
 * Registers many participants at once: ids, tickets and badge numbers are made, and everything is written in one transaction or not at
 * all. Signing ten thousand tickets takes a while; the loop lets others through in between.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { CredentialKind, EntryPolicy, EventId, OrgId, ParticipantId, ParticipantStatus } from '@gatehouse/domain'
import type { ClientBase, Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { inTransaction } from '../db/pool.ts'
import { writeOutbox } from '../events/outbox.ts'
import { lockIssuer, type NewCredential, newBadge, newTicket, noteNewBadges } from './credentials.ts'
import type { TicketKeys } from './ports.ts'

export interface WantedPerson {
  readonly externalId?: string
  readonly name?: string
  readonly email?: string
  readonly status?: ParticipantStatus
  readonly ticketType?: string
  readonly zones?: readonly string[]
  readonly validFrom?: number
  readonly validUntil?: number
  readonly entryPolicy?: EntryPolicy
  readonly maxEntries?: number
  readonly attention?: string
  /** Default: a QR ticket. */
  readonly credentials?: readonly CredentialKind[]
}

export interface Registered {
  readonly id: ParticipantId
  readonly externalId: string | null
  readonly ticket?: string
  readonly badgeNumber?: number
}

/** Undefined when the event is not one of the organization; answers stand in the order of the people. */
export type Register = (
  org: OrgId,
  event: EventId,
  people: readonly WantedPerson[],
) => Promise<readonly Registered[] | undefined>

interface Made {
  readonly id: ParticipantId
  readonly wanted: WantedPerson
  readonly credentials: readonly NewCredential[]
}

const AT_ONCE = 100
const ROWS_PER_STATEMENT = 1_000

export function createRegister(deps: {
  pool: Pool
  newId: () => string
  randomBytes: (count: number) => Uint8Array
  ticketKeys: TicketKeys
}): Register {
  return (org, event, people) =>
    inTransaction(deps.pool, async (client) => {
      const db = createDrizzle(client)
      const issuer = await lockIssuer(db, deps.ticketKeys, org, event)
      if (!issuer) return undefined
      let badge = issuer.nextBadge
      const made: Made[] = []
      for (const wanted of people) {
        const credentials = [...new Set(wanted.credentials ?? ['qr'])].map((kind) =>
          kind === 'qr' ? newTicket(issuer, deps.randomBytes) : newBadge(issuer, badge++),
        )
        made.push({ id: deps.newId() as ParticipantId, wanted, credentials })
        if (made.length % AT_ONCE === 0) await breathe()
      }
      for (let at = 0; at < made.length; at += ROWS_PER_STATEMENT)
        await insert(client, event, made.slice(at, at + ROWS_PER_STATEMENT), deps.newId)
      if (badge > issuer.nextBadge) await noteNewBadges(db, event)
      await writeOutbox(client, {
        kind: 'participant.registered',
        org,
        event,
        payload: { count: made.length, first: made[0]?.id ?? null },
      })
      return made.map(answerFor)
    })
}

/** By hand, with columns as arrays: one statement for a thousand rows. Lists inside a row travel as JSON, since arrays of arrays must be even. */
async function insert(client: ClientBase, event: EventId, made: readonly Made[], newId: () => string): Promise<void> {
  const column = <T>(pick: (wanted: WantedPerson) => T | undefined) => made.map(({ wanted }) => pick(wanted) ?? null)
  await client.query(
    `insert into roster.participants (id, event, external_id, name, email, status, ticket_type, zones, valid_from, valid_until, entry_policy, max_entries, attention, token)
     select p.id, $1, p.external_id, p.name, p.email, coalesce(p.status, 'active'), coalesce(p.ticket_type, 'standard'),
       array(select jsonb_array_elements_text(p.zones)), p.valid_from, p.valid_until, coalesce(p.entry_policy, 're-entry'), p.max_entries, p.attention, p.token
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::int[], $13::text[], $14::text[])
       as p(id, external_id, name, email, status, ticket_type, zones, valid_from, valid_until, entry_policy, max_entries, attention, token)`,
    [
      event,
      made.map(({ id }) => id),
      column((wanted) => wanted.externalId),
      column((wanted) => wanted.name?.normalize('NFC')),
      column((wanted) => wanted.email),
      column((wanted) => wanted.status),
      column((wanted) => wanted.ticketType),
      column((wanted) => JSON.stringify(wanted.zones ?? [])),
      column((wanted) => asDate(wanted.validFrom)),
      column((wanted) => asDate(wanted.validUntil)),
      column((wanted) => wanted.entryPolicy),
      column((wanted) => wanted.maxEntries),
      column((wanted) => wanted.attention),
      made.map(({ credentials }) => credentials.find(({ kind }) => kind === 'qr')?.canonical ?? null),
    ],
  )
  const rows = made.flatMap(({ id, credentials }) =>
    credentials.map((credential) => ({ participant: id, ...credential })),
  )
  await client.query(
    `insert into roster.credentials (id, participant, event, kind, canonical, ticket, badge_number, key)
     select c.id, c.participant, $1, c.kind, c.canonical, c.ticket, c.badge_number, c.key
     from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::uuid[]) as c(id, participant, kind, canonical, ticket, badge_number, key)`,
    [
      event,
      rows.map(() => newId()),
      rows.map((row) => row.participant),
      rows.map((row) => row.kind),
      rows.map((row) => row.canonical),
      rows.map((row) => row.ticket),
      rows.map((row) => row.badgeNumber),
      rows.map((row) => row.key),
    ],
  )
}

function answerFor({ id, wanted, credentials }: Made): Registered {
  const ticket = credentials.find(({ kind }) => kind === 'qr')?.ticket
  const badgeNumber = credentials.find(({ kind }) => kind === 'badge')?.badgeNumber
  return {
    id,
    externalId: wanted.externalId ?? null,
    ...(typeof ticket === 'string' ? { ticket } : {}),
    ...(typeof badgeNumber === 'number' ? { badgeNumber } : {}),
  }
}

function asDate(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms)
}
