// The pages as files: which may be cached, which never, and what happens to a login in the address.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../test/api-server.ts'
import { migrate } from '../db/migrate.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: TestServer
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-pages-'))
  const dist = join(folder, 'dist')
  await mkdir(join(dist, 'assets'), { recursive: true })
  await writeFile(join(dist, 'index.html'), '<title>dashboard</title>')
  await writeFile(join(dist, 'desk.html'), '<title>desk</title>')
  await writeFile(join(dist, 'assets', 'index-abc123.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  database = await freshDatabase(async (url) => void (await migrate(url)))
  server = await startTestServer(database.url, { pagesDir: dist })
})
afterAll(async () => {
  await server.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const open = (path: string) => server.call('GET', path, undefined, { key: null })

test.each([
  ['/', 'dashboard'],
  ['/wall', 'dashboard'],
  ['/desk', 'desk'],
])('%s is the %s and is asked for anew each time', async (path, title) => {
  const { status, text, headers } = await open(path)
  expect([status, text, headers['cache-control']]).toEqual([200, `<title>${title}</title>`, 'no-cache'])
})

test('a hashed file may be kept for ever', async () => {
  const { status, headers } = await open('/assets/index-abc123.js')
  expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
})

test('nothing outside the folder is served', async () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/secret.txt',
  ]) {
    const { status, text } = await open(path)
    expect(status, path).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain('secret')
  }
})

test('a login in the address of any page opens that page and leaves the address', async () => {
  for (const path of ['/', '/desk', '/wall']) {
    const { body } = await server.call('POST', '/api/v1/login-tokens', {})
    const { status, headers } = await open(`${path}?login=${String(body['token'])}`)
    expect([status, headers['location'], headers['referrer-policy']]).toEqual([303, path, 'no-referrer'])
    expect(String(headers['set-cookie'])).toContain('gatehouse_session=')
  }
})
