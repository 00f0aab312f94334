// The embedded server as a process: it survives whoever started it, and the next start takes it over instead of failing.
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@gatehouse/runtime'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from './postgres.ts'

let dataDir: string
const running: PostgresServer[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-embedded-'))
  await chmod(dataDir, 0o711)
})
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir, clock: systemClock, logger: silentLogger })
  running.push(server)
  return server
}

async function settings(url: string): Promise<unknown> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query(
    `SELECT current_setting('data_checksums') AS checksums, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
      (SELECT datcollate FROM pg_database WHERE datname = 'postgres') AS locale`,
  )
  await client.end()
  return rows[0]
}

test('it keeps what it promised: checksums, fsync, commits on disk, a locale that finds Korean', async () => {
  const server = await start()
  expect(await settings(server.url)).toEqual({ checksums: 'on', fsync: 'on', commit: 'on', locale: 'C.UTF-8' })
  expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o077).toBe(0)
})

test('a server left behind by a program that was killed is taken over', async () => {
  const first = await start()
  const second = await start()
  expect([first.adopted, second.adopted]).toEqual([false, true])
  expect(second.url).toBe(first.url)
})

test('a pid file of a process that is somebody else is not believed', async () => {
  const first = await start()
  await first.stop()
  await writeFile(
    join(dataDir, 'postgres', 'postmaster.pid'),
    `${process.pid}\n${join(dataDir, 'postgres')}\n1\n5432\n\n\n\nready\n`,
  )
  const second = await start()
  expect(second.adopted).toBe(false)
})

test('a database whose data folder was thrown away is put aside, not opened and not deleted', async () => {
  const first = await start()
  await rm(join(dataDir, 'postgres-password'))
  running.pop()
  const second = await start()
  expect(second.adopted).toBe(false)
  expect(second.url).not.toBe(first.url)
  expect((await readdir(dataDir)).filter((name) => /^postgres-\d+$/.test(name))).toHaveLength(1)
})
