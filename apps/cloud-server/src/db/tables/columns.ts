/**
 * Column types where Drizzle's own would change a value on its way: instants go through the reader and writer of pg (Drizzle's misreads
 * the years before 100 and offsets with seconds, and writes years after 9999 as PostgreSQL cannot read them), JSON that is a text stays
 * a text, and bytes are there at all.
 */
import type { CredentialKey } from '@gatehouse/domain'
import { sql } from 'drizzle-orm'
import { customType } from 'drizzle-orm/pg-core'
import pg from 'pg'

/** Present time of the transaction, as the default of a column and as a value. */
export const now = sql`now()`

const readInstant: (text: string) => Date = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)

export const instant = customType<{ data: Date; driverData: string | Date }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => (typeof value === 'string' ? readInstant(value) : value),
})

/** To be narrowed by `$type`. A null is SQL's NULL, never JSON's. */
export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value),
})

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** A pseudonym: 32 hex digits outside, PostgreSQL's 128-bit type inside. */
export const credentialKey = customType<{ data: CredentialKey; driverData: string }>({
  dataType: () => 'uuid',
  fromDriver: (value) => value.replaceAll('-', '') as CredentialKey,
})
