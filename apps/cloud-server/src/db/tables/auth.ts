/** The tables of migration 0001 as Drizzle sees them. The migrations are the truth; tables.pg.test.ts fails when the two differ. */
import type { EventId, OrgId } from '@gatehouse/domain'
import { integer, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant, json, now } from './columns.ts'

const schema = pgSchema('auth')

/** The scopes of auth/caller.ts, which this layer cannot see: the compiler compares them where they meet. */
type Scope = 'admin' | 'read' | 'write' | 'record' | 'desk'

export const orgs = schema.table('orgs', {
  id: uuid('id').$type<OrgId>().primaryKey(),
  name: text('name').notNull(),
  createdAt: instant('created_at').notNull().default(now),
})

export const apiKeys = schema.table('api_keys', {
  id: uuid('id').primaryKey(),
  org: uuid('org').$type<OrgId>().notNull(),
  name: text('name').notNull(),
  prefix: text('prefix').notNull(),
  hash: bytes('hash').notNull(),
  scopes: text('scopes').array().$type<readonly Scope[]>().notNull(),
  createdAt: instant('created_at').notNull().default(now),
  expiresAt: instant('expires_at'),
  lastUsedAt: instant('last_used_at'),
  revokedAt: instant('revoked_at'),
})

export const tokens = schema.table('tokens', {
  hash: bytes('hash').primaryKey(),
  purpose: text('purpose', { enum: ['login', 'live', 'session'] }).notNull(),
  org: uuid('org').$type<OrgId>().notNull(),
  event: uuid('event').$type<EventId>(),
  name: text('name').notNull().default(''),
  scopes: text('scopes').array().$type<readonly Scope[]>().notNull().default([]),
  createdAt: instant('created_at').notNull().default(now),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
})

export const idempotency = schema.table(
  'idempotency',
  {
    org: uuid('org').notNull(),
    key: text('key').notNull(),
    fingerprint: bytes('fingerprint').notNull(),
    status: integer('status'),
    body: json('body'),
    createdAt: instant('created_at').notNull().default(now),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.org, table.key] })],
)
