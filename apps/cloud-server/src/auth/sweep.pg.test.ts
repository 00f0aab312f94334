// What has expired goes, what has not stays.
import { randomUUID } from 'node:crypto'
import { freshDatabase } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { migrate } from '../db/migrate.ts'
import { createPool } from '../db/pool.ts'
import { sweepExpired } from './sweep.ts'

test('expired tokens and answers are thrown away, the others stay', async () => {
  const database = await freshDatabase(async (url) => void (await migrate(url)))
  const pool = createPool({ url: database.url, max: 2, name: 'test', onError: () => undefined })
  const org = randomUUID()
  await pool.query("insert into auth.orgs (id, name) values ($1, 'x')", [org])
  for (const [name, expires] of [
    ['old', 1_000],
    ['new', 9_000],
  ] as const) {
    await pool.query("insert into auth.tokens (hash, purpose, org, expires_at) values ($1, 'session', $2, $3)", [
      Buffer.from(name),
      org,
      new Date(expires),
    ])
    await pool.query('insert into auth.idempotency (org, key, fingerprint, expires_at) values ($1, $2, $3, $4)', [
      org,
      name,
      Buffer.from(name),
      new Date(expires),
    ])
  }
  expect(await sweepExpired(pool, 5_000)).toBe(2)
  expect((await pool.query('select hash from auth.tokens')).rows).toEqual([{ hash: Buffer.from('new') }])
  expect((await pool.query('select key from auth.idempotency')).rows).toEqual([{ key: 'new' }])
  await pool.end()
  await database.drop()
})
