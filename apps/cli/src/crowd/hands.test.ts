import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@gatehouse/runtime'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHands } from './hands.ts'
import type { CrowdGate } from './people.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-hands-'))
})
afterAll(() => rm(folder, { recursive: true }))

const gateAt = (name: string, http = 'http://127.0.0.1:9'): CrowdGate => ({
  id: name,
  name,
  zone: 'hall',
  http,
  qrFolder: join(folder, name),
  bleSocket: join(folder, `${name}.sock`),
})
const person = { id: 'p1', ticketType: 'day', zones: ['hall'], ticket: 'GT1:X' }
const never = new AbortController().signal

test('a ticket is held up as a whole PNG picture, and nothing unfinished is left in the folder', async () => {
  const gate = gateAt('east')
  const hands = createHands([gate], systemClock)
  expect(await hands.showPicture(gate, 'GT1:ABC')).toBe(true)
  expect(await hands.showPicture(gate, 'GT1:DEF')).toBe(true)
  const names = (await readdir(gate.qrFolder)).sort()
  expect(names).toHaveLength(2)
  expect(names.every((name) => /^visitor-\d+-\d{6}\.png$/.test(name))).toBe(true)
  const picture = PNG.sync.read(await readFile(join(gate.qrFolder, names[0] ?? '')))
  expect(picture.width).toBe(picture.height)
  hands.close()
})

test('nobody holds up a phone at a gate that leaves fifty pictures unread', async () => {
  const gate = gateAt('full')
  const hands = createHands([gate], systemClock)
  await hands.showPicture(gate, 'GT1:ABC')
  for (let number = 1; number < 50; number += 1) await writeFile(join(gate.qrFolder, `${number}.png`), '')
  expect(await hands.showPicture(gate, 'GT1:ABC')).toBe(false)
  hands.close()
})

test('staff and the exit are asked over the gate’s own HTTP API; a gate that is gone is told, not thrown', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => {
      body += bytes.toString('latin1')
    })
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body.slice(0, 70)}`)
      response.end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gate = gateAt('west', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const hands = createHands([gate], systemClock)
  expect(await hands.askStaff(gate, person, never)).toBe(true)
  expect(await hands.showAtExit(gate, 'GT1:ABC', never)).toBe(true)
  expect(asked[0]).toBe(
    'POST /api/v1/check-in application/json {"participant":"p1","direction":"entry","staff":"demo-staff"}',
  )
  expect(asked[1]).toMatch(/^POST \/api\/v1\/scan\?direction=exit image\/png .PNG/)
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  expect(await hands.askStaff(gate, person, never)).toBe(false)
  hands.close()
})
