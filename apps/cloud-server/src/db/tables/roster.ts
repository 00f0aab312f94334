/** The roster of migration 0002 as Drizzle sees it. The migrations are the truth; tables.pg.test.ts fails when the two differ. */
import type { EventId, ParticipantId } from '@gatehouse/domain'
import { bigint, boolean, integer, pgSchema, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, credentialKey, instant, now } from './columns.ts'

const schema = pgSchema('roster')

export const participants = schema.table('participants', {
  id: uuid('id').$type<ParticipantId>().primaryKey(),
  ref: integer('ref').generatedAlwaysAsIdentity(),
  event: uuid('event').$type<EventId>().notNull(),
  externalId: text('external_id'),
  name: text('name'),
  email: text('email'),
  status: text('status', { enum: ['active', 'cancelled', 'blocked'] })
    .notNull()
    .default('active'),
  statusChangedAt: instant('status_changed_at'),
  ticketType: text('ticket_type').notNull().default('standard'),
  zones: text('zones').array().$type<readonly string[]>().notNull().default([]),
  validFrom: instant('valid_from'),
  validUntil: instant('valid_until'),
  entryPolicy: text('entry_policy', { enum: ['once', 're-entry', 'unlimited'] })
    .notNull()
    .default('re-entry'),
  maxEntries: integer('max_entries'),
  attention: text('attention'),
  hold: text('hold', { enum: ['not-paid', 'not-approved'] }),
  token: text('token'),
  createdAt: instant('created_at').notNull().default(now),
  updatedAt: instant('updated_at').notNull().default(now),
})

export const credentials = schema.table('credentials', {
  id: uuid('id').primaryKey(),
  participant: uuid('participant').$type<ParticipantId>().notNull(),
  event: uuid('event').$type<EventId>().notNull(),
  kind: text('kind', { enum: ['qr', 'badge'] }).notNull(),
  canonical: text('canonical').notNull(),
  ticket: text('ticket'),
  badgeNumber: integer('badge_number'),
  key: credentialKey('key').notNull(),
  status: text('status', { enum: ['active', 'revoked'] })
    .notNull()
    .default('active'),
  revokedAt: instant('revoked_at'),
  createdAt: instant('created_at').notNull().default(now),
})

export const feed = schema.table(
  'feed',
  {
    event: uuid('event').$type<EventId>().notNull(),
    kind: text('kind').notNull(),
    id: uuid('id').notNull(),
    version: bigint('version', { mode: 'number' }).notNull(),
    bucket: smallint('bucket').notNull(),
    removed: boolean('removed').notNull().default(false),
    rowHash: bytes('row_hash'),
    line: text('line').notNull(),
  },
  (table) => [primaryKey({ columns: [table.event, table.kind, table.id] })],
)

export const pending = schema.table('pending', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  event: uuid('event').$type<EventId>().notNull(),
  kind: text('kind').notNull(),
  of: uuid('of').notNull(),
  urgency: smallint('urgency').notNull(),
})

export const heads = schema.table(
  'heads',
  {
    event: uuid('event').$type<EventId>().notNull(),
    feed: text('feed').notNull(),
    head: bigint('head', { mode: 'number' }).notNull().default(0),
    horizon: bigint('horizon', { mode: 'number' }).notNull().default(0),
    root: text('root'),
    buckets: bytes('buckets'),
  },
  (table) => [primaryKey({ columns: [table.event, table.feed] })],
)
