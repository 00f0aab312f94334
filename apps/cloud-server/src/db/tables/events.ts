/** The events of migration 0002 as Drizzle sees them. The migrations are the truth; tables.pg.test.ts fails when the two differ. */
import type { EventId, EventRules, OrgId, Policies, TicketTypeRule, ZoneRule } from '@gatehouse/domain'
import { boolean, integer, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant, json, now } from './columns.ts'

export const events = pgSchema('events').table('events', {
  id: uuid('id').$type<EventId>().primaryKey(),
  ref: integer('ref').generatedAlwaysAsIdentity(),
  org: uuid('org').$type<OrgId>().notNull(),
  name: text('name').notNull(),
  timeZone: text('time_zone').notNull().default('UTC'),
  startsAt: instant('starts_at'),
  endsAt: instant('ends_at'),
  graceSec: integer('grace_sec').notNull().default(3600),
  duplicateWindowSec: integer('duplicate_window_sec').notNull().default(300),
  repeatWindowSec: integer('repeat_window_sec').notNull().default(10),
  capacity: integer('capacity'),
  zones: json('zones').$type<readonly ZoneRule[]>().notNull().default([]),
  policies: json('policies').$type<Policies>().notNull().default({}),
  ticketTypes: json('ticket_types').$type<Readonly<Record<string, TicketTypeRule>>>().notNull().default({}),
  showNames: boolean('show_names').notNull().default(false),
  pepper: bytes('pepper').notNull(),
  badgeKey: bytes('badge_key').notNull(),
  ticketKeys: json('ticket_keys').$type<NonNullable<EventRules['ticketKeys']>>().notNull().default([]),
  status: text('status', { enum: ['active', 'archived'] })
    .notNull()
    .default('active'),
  createdAt: instant('created_at').notNull().default(now),
  updatedAt: instant('updated_at').notNull().default(now),
})
