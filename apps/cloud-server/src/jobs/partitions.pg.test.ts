import { freshDatabase } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { migrate } from '../db/migrate.ts'
import { createWriter } from '../db/writer.ts'
import { ensurePartitions } from './partitions.ts'

test('the quarters around now are made once, and rows that waited for theirs move over', async () => {
  const database = await freshDatabase(async (url) => void (await migrate(url)))
  const writer = createWriter({ url: database.url, name: 'test', planFor: 'rows' })
  await writer.query({
    text: `INSERT INTO attendance.attendance_records (at, received_at, seq, digest, epoch_ref, event_ref, gate_ref, method, direction, outcome)
      VALUES ('2027-01-05', now(), 1, gen_random_uuid(), 1, 1, 1, 1, 0, 0)`,
  })
  const now = Date.parse('2026-11-20T09:00:00Z')
  const made = await ensurePartitions(writer, now)
  expect(made).toEqual(['2026q3', '2026q4', '2027q1', '2027q2'].map((name) => `attendance_records_${name}`))
  expect(await ensurePartitions(writer, now)).toEqual([])
  const { rows } = await writer.query({
    text: 'SELECT tableoid::regclass::text AS held_in FROM attendance.attendance_records',
  })
  expect(rows).toEqual([{ held_in: 'attendance.attendance_records_2027q1' }])
  await writer.end()
  await database.drop()
})
