// The tables as Drizzle knows them against a database made by the migrations: neither may know a column that the other does not.
import { freshDatabase } from '@gatehouse/testkit'
import { getTableColumns, is, sql } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDrizzle } from '../drizzle.ts'
import { migrate } from '../migrate.ts'
import { createPool } from '../pool.ts'
import * as auth from './auth.ts'
import * as events from './events.ts'
import * as gates from './gates.ts'
import * as roster from './roster.ts'

const described = [auth, events, gates, roster]
  .flatMap((module): unknown[] => Object.values(module))
  .filter((value) => is(value, PgTable))
const nameOf = (table: PgTable) => `${getTableConfig(table).schema}.${getTableConfig(table).name}`

interface Column {
  readonly name: string
  readonly type: string
  readonly isNotNull: boolean
  readonly hasDefault: boolean
}

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase(async (url) => void (await migrate(url)))
  pool = createPool({ url: database.url, max: 2, name: 'test', onError: () => undefined })
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

async function columnsOf(table: PgTable): Promise<Column[]> {
  const { schema, name } = getTableConfig(table)
  const { rows } = await pool.query<Column>(
    `select column_name as name, case when data_type = 'ARRAY' then substr(udt_name, 2) || '[]' else data_type end as type,
       is_nullable = 'NO' as "isNotNull", column_default is not null or is_identity = 'YES' as "hasDefault"
     from information_schema.columns where table_schema = $1 and table_name = $2 order by column_name`,
    [schema, name],
  )
  return rows
}

test.each(described.map((table) => [nameOf(table), table] as const))(
  '%s has the same columns in the migrations and in the query builder',
  async (_name, table) => {
    const known = Object.values(getTableColumns(table))
      .map((column): Column => {
        const { name, notNull: isNotNull, hasDefault } = column
        return { name, type: column.getSQLType(), isNotNull, hasDefault }
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(known).toEqual(await columnsOf(table))
  },
)

test('every table of these schemas is known to the query builder', async () => {
  const { rows } = await pool.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
     where table_schema in ('auth', 'events', 'gates', 'roster') and table_type = 'BASE TABLE'`,
  )
  expect(described.map(nameOf).sort()).toEqual(rows.map(({ name }) => name).sort())
})

test('what PostgreSQL refuses is thrown as PostgreSQL said it, without the parameters', async () => {
  const refused = createDrizzle(pool).execute(sql`select ${'Kim So-yeong'}::int`)
  await expect(refused).rejects.toBeInstanceOf(pg.DatabaseError)
  await expect(refused).rejects.toMatchObject({ code: '22P02' })
  await expect(
    createDrizzle(pool)
      .insert(auth.orgs)
      .values({ id: 'x' as never, name: 'y' }),
  ).rejects.toMatchObject({
    code: '22P02',
  })
})

test.each([
  '0044-03-15T00:00:00.000Z',
  '1900-01-01T00:00:00.000Z',
  '2027-05-05T09:00:00.123Z',
  '+012027-05-05T09:00:00.000Z',
])('the instant %s comes back as it was written, whatever the time zone of the server', async (text) => {
  const client = await pool.connect()
  try {
    await client.query(`begin; set local time zone 'Asia/Singapore'`)
    const [row] = await createDrizzle(client)
      .insert(auth.orgs)
      .values({ id: '0198c3a8-0000-7000-8000-000000000001' as never, name: '', createdAt: new Date(text) })
      .returning({ createdAt: auth.orgs.createdAt })
    expect(row?.createdAt.toISOString()).toBe(text)
  } finally {
    await client.query('rollback')
    client.release()
  }
})
