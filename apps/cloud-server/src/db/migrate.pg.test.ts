import { freshDatabase } from '@gatehouse/testkit'
import pg from 'pg'
import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'

async function run(url: string, sql: string): Promise<readonly pg.QueryResultRow[]> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<pg.QueryResultRow>(sql)
  await client.end()
  return rows
}

test('two processes that start at once apply each migration once', async () => {
  const database = await freshDatabase()
  const [first, second] = await Promise.all([migrate(database.url), migrate(database.url)])
  expect(Math.min(first.length, second.length)).toBe(0)
  expect(Math.max(first.length, second.length)).toBeGreaterThan(0)
  expect(await migrate(database.url)).toEqual([])
  await database.drop()
})

test('a database that is newer than the program is refused', async () => {
  const database = await freshDatabase()
  await migrate(database.url)
  await run(
    database.url,
    `INSERT INTO public.gatehouse_migrations (number, name, sha256) VALUES (9999, '9999_later.sql', 'x')`,
  )
  await expect(migrate(database.url)).rejects.toMatchObject({ code: 'GH-DB-001' })
  await database.drop()
})

test('a database made with another history is refused', async () => {
  const database = await freshDatabase()
  await migrate(database.url)
  await run(database.url, `UPDATE public.gatehouse_migrations SET sha256 = 'edited' WHERE number = 1`)
  await expect(migrate(database.url)).rejects.toMatchObject({ code: 'GH-DB-002' })
  await database.drop()
})

test('the id of a record leads back to its epoch and number', async () => {
  const database = await freshDatabase(async (url) => void (await migrate(url)))
  const rows = await run(
    database.url,
    `SELECT attendance.record_epoch(id) AS epoch, attendance.record_seq(id)::text AS seq FROM (
      SELECT attendance.record_id(e, s) AS id FROM (VALUES (1, 1::bigint), (2147483647, 4503599627370495), (77, 16777216), (5, 68719476736)) v (e, s)) ids`,
  )
  expect(rows).toEqual([
    { epoch: 1, seq: '1' },
    { epoch: 2_147_483_647, seq: '4503599627370495' },
    { epoch: 77, seq: '16777216' },
    { epoch: 5, seq: '68719476736' },
  ])
  await database.drop()
})
