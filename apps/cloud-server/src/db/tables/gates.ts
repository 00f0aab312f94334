/** The gates of migration 0002 as Drizzle sees them. The migrations are the truth; tables.pg.test.ts fails when the two differ. */
import type { EventId, GateId, GateRule, OrgId } from '@gatehouse/domain'
import { boolean, integer, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant, json, now } from './columns.ts'

export const gates = pgSchema('gates').table('gates', {
  id: uuid('id').$type<GateId>().primaryKey(),
  ref: integer('ref').generatedAlwaysAsIdentity(),
  org: uuid('org').$type<OrgId>().notNull(),
  event: uuid('event').$type<EventId>(),
  name: text('name').notNull(),
  zone: text('zone'),
  lane: text('lane').notNull().default('1'),
  direction: text('direction', { enum: ['entry', 'exit', 'both'] })
    .notNull()
    .default('entry'),
  capacityPerMinute: integer('capacity_per_minute').notNull().default(30),
  rule: json('rule').$type<GateRule>().notNull().default({}),
  status: text('status', { enum: ['active', 'inactive'] })
    .notNull()
    .default('active'),
  signingKey: bytes('signing_key'),
  certSerial: text('cert_serial'),
  certNotAfter: instant('cert_not_after'),
  revokedAt: instant('revoked_at'),
  online: boolean('online').notNull().default(false),
  onlineChangedAt: instant('online_changed_at'),
  lastSeenAt: instant('last_seen_at'),
  lastStatus: json('last_status'),
  lastReported: json('last_reported'),
  createdAt: instant('created_at').notNull().default(now),
  updatedAt: instant('updated_at').notNull().default(now),
})
