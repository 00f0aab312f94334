// What the migrations add up to is kept in schema.txt, so that the review of a migration shows its effect and not only its steps.
// After adding one: npm test -- --project pg apps/cloud-server/src/db/schema.pg.test.ts -u
import { freshDatabase } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { listSchema } from '../../test/schema-listing.ts'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'

test('the migrated schema is the one that schema.txt shows', async () => {
  const database = await freshDatabase(async (url) => void (await migrate(url)))
  const pool = createPool({ url: database.url, max: 1, name: 'test', onError: () => undefined })
  try {
    await expect(await listSchema(pool)).toMatchFileSnapshot('schema.txt')
  } finally {
    await pool.end()
    await database.drop()
  }
})
