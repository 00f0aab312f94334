// The database harness itself: callers must not see each other's rows, and a template must be migrated once only.
import pg from 'pg'
import { expect, test } from 'vitest'
import { freshDatabase } from './postgres.ts'

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

test('two databases from one template start alike and then go apart', async () => {
  let migrations = 0
  const migrate = async (url: string) => {
    migrations += 1
    await query(url, 'CREATE TABLE seats (n integer)')
  }
  const [first, second] = [await freshDatabase(migrate), await freshDatabase(migrate)]
  await query(first.url, 'INSERT INTO seats VALUES (1)')
  expect(await query(first.url, 'SELECT n FROM seats')).toEqual([{ n: 1 }])
  expect(await query(second.url, 'SELECT n FROM seats')).toEqual([])
  expect(migrations).toBe(1)
  await first.drop()
  await second.drop()
})

test('the server sorts and finds Korean text', async () => {
  const database = await freshDatabase()
  const found = await query(database.url, `SELECT '김소영' ILIKE '%소영%' AS found, upper('é') AS upper`)
  expect(found).toEqual([{ found: true, upper: 'É' }])
  await database.drop()
})
