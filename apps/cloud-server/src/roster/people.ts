/**
 * Participants as organizers and staff see them: found by name, e-mail or ticket, changed one at a time. Changes mark the roster by
 * trigger in the same transaction, so an answered change reaches every gate.
 */
import type {
  EntryPolicy,
  EventId,
  GateId,
  OrgId,
  Participant,
  ParticipantId,
  ParticipantStatus,
} from '@gatehouse/domain'
import { decodeTicket } from '@gatehouse/protocol'
import { and, eq } from 'drizzle-orm'
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core'
import type { Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { inTransaction } from '../db/pool.ts'
import { events } from '../db/tables/events.ts'
import { participants } from '../db/tables/roster.ts'
import { writeOutbox } from '../events/outbox.ts'
import { type CredentialView, credentialsOf } from './credentials.ts'

export interface PersonPresence {
  readonly inside: boolean
  readonly zone: string | null
  readonly entries: number
  readonly firstAt: number | null
  readonly lastAt: number
  readonly lastGate: GateId
  readonly lastGateName: string
  readonly lastDirection: 'entry' | 'exit'
}

export interface Person {
  readonly id: ParticipantId
  readonly eventId: EventId
  readonly externalId: string | null
  readonly name: string | null
  readonly email: string | null
  readonly ticketType: string
  readonly status: ParticipantStatus
  readonly zones: readonly string[]
  readonly validFrom: number | null
  readonly validUntil: number | null
  readonly entryPolicy: EntryPolicy
  readonly maxEntries: number | null
  readonly attention: string | null
  readonly presence: PersonPresence | null
}

export type PersonInFull = Person & { readonly credentials: readonly CredentialView[] }

export interface PersonChange {
  readonly name?: string
  readonly email?: string | null
  readonly status?: ParticipantStatus
  readonly ticketType?: string
  readonly zones?: readonly string[]
  readonly validFrom?: number | null
  readonly validUntil?: number | null
  readonly entryPolicy?: EntryPolicy
  readonly maxEntries?: number | null
  readonly attention?: string | null
}

export interface Search {
  readonly q?: string
  readonly status?: ParticipantStatus
  readonly limit: number
  /** `next` of the page before. */
  readonly after?: string
}

export interface People {
  get(org: OrgId, id: ParticipantId): Promise<PersonInFull | undefined>
  search(org: OrgId, event: EventId, search: Search): Promise<{ items: readonly Person[]; next: string | null }>
  change(org: OrgId, id: ParticipantId, change: PersonChange): Promise<PersonInFull | undefined>
}

interface PersonRow {
  readonly id: ParticipantId
  readonly event: EventId
  readonly external_id: string | null
  readonly name: string | null
  readonly email: string | null
  readonly ticket_type: string
  readonly status: ParticipantStatus
  readonly zones: readonly string[]
  readonly valid_from: Date | null
  readonly valid_until: Date | null
  readonly entry_policy: EntryPolicy
  readonly max_entries: number | null
  readonly attention: string | null
  readonly inside: boolean | null
  readonly zone: string | null
  readonly entries: number | null
  readonly first_at: Date | null
  readonly last_at: Date | null
  readonly last_gate: GateId | null
  readonly last_gate_name: string | null
  readonly last_direction: number | null
}

/** By hand, with the search below: its conditions have to stay the ones that the indexes were made for. */
const SELECT = `
  select p.id, p.event, p.external_id, p.name, p.email, p.ticket_type, p.status, p.zones, p.valid_from, p.valid_until, p.entry_policy,
    p.max_entries, p.attention, s.inside, s.zone, s.entries, s.first_at, s.last_at, s.last_direction, g.id as last_gate, g.name as last_gate_name
  from roster.participants p
    join events.events e on e.id = p.event
    left join attendance.presence s on s.event_ref = e.ref and s.participant_ref = p.ref
    left join gates.gates g on g.ref = s.last_gate_ref`

export function createPeople({ pool }: { pool: Pool }): People {
  async function get(org: OrgId, id: ParticipantId): Promise<PersonInFull | undefined> {
    const { rows } = await pool.query<PersonRow>(`${SELECT} where e.org = $1 and p.id = $2`, [org, id])
    return rows[0] && { ...personOf(rows[0]), credentials: await credentialsOf(createDrizzle(pool), id) }
  }

  async function search(org: OrgId, event: EventId, { q, status, limit, after }: Search) {
    const from = readCursor(after)
    const { rows } = await pool.query<PersonRow>(
      `${SELECT} where e.org = $1 and p.event = $2 and ($3::text is null or p.status = $3)
         and ($4::text is null or coalesce(p.name, '') || ' ' || coalesce(p.email, '') ilike $4 or p.token = $5 or p.external_id = $6 or p.id::text = $6)
         and ($7::text is null or (coalesce(p.name, ''), p.id) > ($7, $8::uuid))
       order by coalesce(p.name, ''), p.id limit $9`,
      [
        org,
        event,
        status ?? null,
        likeOf(q),
        ticketOf(q),
        q?.trim() ?? null,
        from?.name ?? null,
        from?.id ?? null,
        limit + 1,
      ],
    )
    const items = rows.slice(0, limit).map(personOf)
    const last = items.at(-1)
    return { items, next: rows.length > limit && last ? writeCursor(last) : null }
  }

  async function change(org: OrgId, id: ParticipantId, change: PersonChange): Promise<PersonInFull | undefined> {
    const given = columnsOf(change)
    if (Object.values(given).every((value) => value === undefined)) return get(org, id)
    const isDone = await inTransaction(pool, async (client) => {
      const changed = createDrizzle(client).update(participants).set(given).from(events)
      const isOurs = and(eq(events.id, participants.event), eq(events.org, org))
      const [row] = await changed.where(and(isOurs, eq(participants.id, id))).returning({ event: participants.event })
      if (!row) return false
      const payload = { participant: id, fields: Object.keys(change) }
      await writeOutbox(client, { kind: 'participant.changed', org, event: row.event, payload })
      return true
    })
    return isDone ? get(org, id) : undefined
  }

  return { get, search, change }
}

function columnsOf(change: PersonChange): PgUpdateSetSource<typeof participants> {
  const { email, status, ticketType, zones, entryPolicy, maxEntries, attention } = change
  return {
    name: change.name?.normalize('NFC'),
    email,
    status,
    ticketType,
    zones,
    validFrom: asDate(change.validFrom),
    validUntil: asDate(change.validUntil),
    entryPolicy,
    maxEntries,
    attention,
  }
}

/** Korean input methods may send decomposed letters; names are stored composed. */
function likeOf(q: string | undefined): string | null {
  const text = q?.trim().normalize('NFC')
  return text ? `%${text.replace(/[\\%_]/g, '\\$&')}%` : null
}

/** The ticket id in what was typed or scanned: a whole GT1 text, or its 20 hex digits. */
function ticketOf(q: string | undefined): string | null {
  if (q === undefined) return null
  const decoded = decodeTicket(q)
  if (decoded.ok) return decoded.value.ticket
  return /^[0-9a-f]{20}$/i.test(q.trim()) ? q.trim().toLowerCase() : null
}

function writeCursor({ name, id }: Person): string {
  return Buffer.from(JSON.stringify([name ?? '', id])).toString('base64url')
}

/** A cursor that we did not write means the first page. */
function readCursor(text: string | undefined): { name: string; id: string } | undefined {
  if (text === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const [name, id] = Array.isArray(parsed) ? (parsed as unknown[]) : []
    const isOurs =
      typeof name === 'string' && typeof id === 'string' && !name.includes('\0') && /^[0-9a-f-]{36}$/.test(id)
    return isOurs ? { name, id } : undefined
  } catch {
    return undefined
  }
}

/** The person as the engine that decides takes them. */
export function asParticipant(person: PersonInFull): Participant {
  return {
    id: person.id,
    status: person.status,
    ...(person.name === null ? {} : { name: person.name }),
    ticketType: person.ticketType,
    zones: person.zones,
    ...(person.validFrom === null ? {} : { validFrom: person.validFrom }),
    ...(person.validUntil === null ? {} : { validUntil: person.validUntil }),
    entryPolicy: person.entryPolicy,
    ...(person.maxEntries === null ? {} : { maxEntries: person.maxEntries }),
    credentials: person.credentials.map(({ kind, key, status }) => ({ kind, key, status })),
    ...(person.attention === null ? {} : { attention: person.attention }),
  }
}

function personOf(row: PersonRow): Person {
  return {
    id: row.id,
    eventId: row.event,
    externalId: row.external_id,
    name: row.name,
    email: row.email,
    ticketType: row.ticket_type,
    status: row.status,
    zones: row.zones,
    validFrom: row.valid_from?.getTime() ?? null,
    validUntil: row.valid_until?.getTime() ?? null,
    entryPolicy: row.entry_policy,
    maxEntries: row.max_entries,
    attention: row.attention,
    presence: presenceOf(row),
  }
}

function presenceOf(row: PersonRow): PersonPresence | null {
  if (row.last_at === null || row.last_gate === null) return null
  return {
    inside: row.inside ?? false,
    zone: row.zone,
    entries: row.entries ?? 0,
    firstAt: row.first_at?.getTime() ?? null,
    lastAt: row.last_at.getTime(),
    lastGate: row.last_gate,
    lastGateName: row.last_gate_name ?? '',
    lastDirection: row.last_direction === 1 ? 'exit' : 'entry',
  }
}

function asDate(ms: number | null | undefined): Date | null | undefined {
  return typeof ms === 'number' ? new Date(ms) : ms
}
