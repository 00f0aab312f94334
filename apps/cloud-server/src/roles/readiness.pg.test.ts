// What /readyz answers, on a real database: it has to name what is missing, and never what only the operator should know.
import { createHealth, systemClock } from '@gatehouse/runtime'
import { freshDatabase } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { migrate } from '../db/migrate.ts'
import { createPool } from '../db/pool.ts'
import { createReadiness } from './readiness.ts'

const health = createHealth(systemClock)

test('a process is ready when the database has its schema and the broker takes connections, and says which of them fails', async () => {
  const database = await freshDatabase(async (url) => void (await migrate(url)))
  const connection = createPool({ url: database.url, max: 2, name: 'test', onError: () => undefined })
  const broker = { isListening: true }
  const { ready } = createReadiness({ health, connection, broker })
  expect(await ready()).toEqual([
    { name: 'database', ok: true },
    { name: 'migrations', ok: true },
    { name: 'broker', ok: true },
  ])

  broker.isListening = false
  await connection.query(`DELETE FROM public.gatehouse_migrations WHERE number = 4`)
  expect(await ready()).toEqual([
    { name: 'database', ok: true },
    { name: 'migrations', ok: false, detail: 'missing: 0004_stats.sql' },
    { name: 'broker', ok: false, detail: 'takes no connections' },
  ])

  // A newer release migrates while this one still serves.
  await connection.query(
    `INSERT INTO public.gatehouse_migrations (number, name, sha256) VALUES (4, '0004_stats.sql', 'x'), (9999, '9999_later.sql', 'x')`,
  )
  expect((await ready())[1]).toEqual({ name: 'migrations', ok: true })
  await connection.end()
  await database.drop()
})

test('without a database each answer says so without its address, and a process without gates has no broker to ask', async () => {
  const connection = { query: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:5432')) }
  const { ready } = createReadiness({ health, connection, broker: undefined })
  expect(await ready()).toEqual([
    { name: 'database', ok: false, detail: 'could not be asked' },
    { name: 'migrations', ok: false, detail: 'could not be asked' },
  ])
})
