/**
 * A real gate gets codes that are no tickets, pictures made to hurt, advertisements of nothing and malformed HTTP. Each code is answered
 * with a decision and its reason, each misuse with a problem and its code, and the next guest with a good ticket gets in.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { qrPicture } from '@gatehouse/cli/venue/gate-client.ts'
import { systemClock } from '@gatehouse/runtime'
import { seededRandom } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalOf, openTestVenue, settled, type TestVenue } from '../system/open-venue.ts'
import { type Answered, ask, askRaw, expectHostNeeded, expectProblem, malformedRequests } from './http.ts'
import { mutate } from './mutate.ts'
import { hugeJpeg, pngOf } from './picture.ts'
import { expectCounted, expectUnharmed, memoryOf } from './watch.ts'

const ROSE_AT_MOST = 64 * 1024 * 1024

let venue: TestVenue
let gate: TestVenue['gates'][number]
let memoryBefore: number
let next = 0

beforeAll(async () => {
  venue = await openTestVenue({ people: 60, seed: 25 })
  gate = venue.gates[0] as typeof gate
  await settled(venue)
  // The reader of pictures takes its memory when it reads the first one.
  await decided(new Blob([Uint8Array.from(await qrPicture(ticket()))]), 'image/png')
  memoryBefore = memoryOf(gate.child.pid)
}, 120_000)
afterAll(() => venue?.close())

interface Decided {
  readonly decision: { readonly outcome: string; readonly reason?: string }
}

function scan(body: BodyInit, type = 'text/plain', query = ''): Promise<Answered> {
  return ask(`${gate.http}/api/v1/scan${query}`, { method: 'POST', headers: { 'content-type': type }, body })
}

async function decided(body: BodyInit, type?: string): Promise<Decided['decision']> {
  const answered = await scan(body, type)
  expect(answered.status, answered.text.slice(0, 300)).toBe(200)
  return (JSON.parse(answered.text) as Decided).decision
}

/** The next guest who may come in here. */
function ticket(): string {
  const guests = venue.venue.people.filter(({ zones, ticketType }) => zones.includes('hall') || ticketType === 'day')
  const guest = guests[next % guests.length]
  next += 1
  return guest?.ticket ?? ''
}

async function expectAdmitted(text = ticket()): Promise<void> {
  expect(await decided(text)).toMatchObject({ outcome: 'admit' })
}

const changed = (text: string, at: number) => text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1)

test.each<[string, string, () => string]>([
  ['one space', 'unreadable', () => ' '],
  ['3 KB of letters', 'unreadable', () => 'x'.repeat(3_000)],
  ['all bytes there are', 'unreadable', () => String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n))],
  ['characters of no language', 'unreadable', () => '\u202e\ufeff\u{1f39f}'.repeat(6)],
  ['a ticket in lower case', 'unreadable', () => ticket().toLowerCase()],
  ['a ticket with a lower-case prefix', 'unreadable', () => ticket().replace('GT1', 'gt1')],
  ['a ticket with a letter that only looks alike', 'unreadable', () => `${ticket().slice(0, -1)}O`],
  ['a ticket with a Greek letter', 'unreadable', () => `${ticket().slice(0, -1)}Α`],
  ['a ticket with a space in front', 'unreadable', () => ` ${ticket()}`],
  ['a ticket that is one letter short', 'unreadable', () => ticket().slice(0, -1)],
  ['two tickets', 'unreadable', () => ticket() + ticket()],
  ['a ticket of version 2', 'unreadable', () => ticket().replace('GT1:0', 'GT1:1')],
  ['a ticket with another ticket id', 'bad-signature', () => changed(ticket(), 24)],
  ['a ticket with another validity', 'bad-signature', () => changed(ticket(), 40)],
  ['a ticket with another signature', 'bad-signature', () => changed(ticket(), 90)],
  ['a ticket with a signature of zeros', 'bad-signature', () => ticket().slice(0, 46) + '0'.repeat(102)],
  ['a web address', 'unknown', () => 'https://example.org/t/12345'],
  ['a Wi-Fi code', 'unknown', () => 'WIFI:T:WPA;S:guest;P:secret;;'],
  ['SQL', 'unknown', () => `' OR '1'='1'; DROP TABLE x`],
  ['script', 'unknown', () => '<script>alert(1)</script>'],
  ['a path', 'unknown', () => '../../../../etc/passwd'],
  ['a token of another shop', 'unknown', () => 'ABCDEFGHIJKLMNOPQRST'],
])('%s is answered with a decision for the reason %s', async (_what, reason, text) => {
  const { outcome, reason: why } = await decided(text())
  expect(['deny', 'ask']).toContain(outcome)
  expect(why).toBe(reason)
})

test('a ticket with the line end of a wedge scanner is that ticket', async () => {
  for (const end of ['\r', '\n', '\r\n']) await expectAdmitted(ticket() + end)
})

test('an empty code is answered, not an error', async () => {
  expect(await decided('')).toMatchObject({ reason: 'unreadable' })
})

test('pictures of what is no ticket are decided on like the texts in them', async () => {
  const pictureOf = async (text: string) => new Blob([Uint8Array.from(await qrPicture(text))])
  expect(await decided(await pictureOf('https://example.org/t/12345'), 'image/png')).toMatchObject({
    reason: 'unknown',
  })
  expect(await decided(await pictureOf(changed(ticket(), 90)), 'image/png')).toMatchObject({ reason: 'bad-signature' })
  expect(await decided(await pictureOf('x'.repeat(1_500)), 'image/png')).toMatchObject({ reason: 'unreadable' })
  expect(await decided(await pictureOf(ticket()), 'image/png')).toMatchObject({ outcome: 'admit' })
})

test('damaged tickets by the hundred: a decision each time, and not one of them gets in', async () => {
  const dice = seededRandom(11)
  const good = Array.from({ length: 10 }, ticket)
  for (let turn = 0; turn < 300; turn += 1) {
    const one = dice.pick(good)
    const text = Buffer.from(mutate(Buffer.from(one), Buffer.from(dice.pick(good)), dice)).toString('latin1')
    if (good.includes(text.replace(/[\r\n]+$/, ''))) continue
    expect([text, (await decided(text)).outcome]).not.toEqual([text, 'admit'])
  }
}, 60_000)

const bytes = (data: Uint8Array) => new Blob([Uint8Array.from(data)])

test.each<[string, number, string, () => Promise<Uint8Array> | Uint8Array]>([
  ['a bomb of 30,000 by 30,000 pixels', 422, 'image/png', () => pngOf(30_000, 30_000)],
  ['a bomb of four thousand million pixels', 422, 'image/png', () => pngOf(65_535, 65_535, 10)],
  ['a picture with a size beyond all', 422, 'image/png', () => pngOf(2_147_483_647, 2_147_483_647, 1)],
  ['a picture of nothing', 422, 'image/png', () => pngOf(0, 0)],
  ['a picture that is cut off', 422, 'image/png', async () => (await qrPicture(ticket())).subarray(0, 300)],
  ['random bytes', 422, 'image/png', () => randomBytes(50_000)],
  ['a JPEG of four thousand million pixels', 422, 'image/jpeg', () => hugeJpeg()],
  ['a file of another kind', 415, 'image/svg+xml', () => Buffer.from('<svg/>')],
  ['an archive', 415, 'application/zip', () => randomBytes(100)],
])('%s is refused with %i', async (_what, status, type, make) => {
  expectProblem(await scan(bytes(await make()), type), status)
})

test('a file of 10 MB is refused before it is read', async () => {
  const head = `Host: ${new URL(gate.http).host}\r\nContent-Type: image/png\r\nContent-Length: ${10 * 1024 * 1024}`
  expectProblem(await askRaw(gate.http, `POST /api/v1/scan HTTP/1.1\r\n${head}\r\nConnection: close\r\n\r\nabc`), 413)
})

test('a pile of bombs at once keeps nobody out', async () => {
  const bomb = pngOf(30_000, 30_000)
  const pile = Array.from({ length: 12 }, () => scan(bytes(bomb), 'image/png'))
  await expectAdmitted()
  for (const answered of await Promise.all(pile)) expectProblem(answered)
  await expectAdmitted()
})

test('requests that are no HTTP, or two requests in one, are refused and never answered twice', async () => {
  const host = new URL(gate.http).host
  for (const [what, text] of malformedRequests(host, '/api/v1/state')) {
    const answered = await askRaw(gate.http, text)
    expect(answered?.text ?? '', what).not.toContain('HTTP/1.1')
    expectProblem(answered)
  }
  await expectHostNeeded(gate.http, '/api/v1/state')
})

test('other names and other sites are not let in', async () => {
  const asked = (more: string) => askRaw(gate.http, `GET /api/v1/state HTTP/1.1\r\n${more}Connection: close\r\n\r\n`)
  expectProblem(await asked('Host: evil.example\r\n'), 403, 'GH-KIOSK-006')
  expectProblem(await asked('Host: 127.0.0.1.evil.example\r\n'), 403, 'GH-KIOSK-006')
  const headers = { origin: 'https://evil.example', 'content-type': 'text/plain' }
  const answered = await ask(`${gate.http}/api/v1/scan`, { method: 'POST', headers, body: ticket() })
  expectProblem(answered, 403, 'GH-KIOSK-007')
  expect(answered.headers.get('access-control-allow-origin')).toBe(null)
})

test.each<[string, number, string, string?]>([
  ['POST /api/v1/check-in', 400, '{"participant":'],
  ['POST /api/v1/check-in', 400, '[]'],
  ['POST /api/v1/check-in', 400, '{"participant":"x","staff":"y"}'],
  [
    'POST /api/v1/check-in',
    400,
    '{"participant":"00000000-0000-4000-8000-000000000000","staff":"y","outcome":"admit"}',
  ],
  ['POST /api/v1/check-in', 400, '{"__proto__":{"staff":"y"},"participant":"00000000-0000-4000-8000-000000000000"}'],
  ['POST /api/v1/check-in', 413, JSON.stringify({ staff: 'x'.repeat(100_000) })],
  ['POST /api/v1/check-in', 415, 'staff=y', 'application/x-www-form-urlencoded'],
  ['POST /api/v1/undo', 400, '{"seq":1e999,"staff":"y"}'],
  ['POST /api/v1/undo', 400, '{"seq":-1,"staff":"y"}'],
  ['POST /api/v1/undo', 409, '{"seq":9007199254740991,"staff":"y"}'],
  ['POST /api/v1/scan?lane=%00', 400, 'x', 'text/plain'],
  ['POST /api/v1/scan?direction=up', 400, 'x', 'text/plain'],
  ['POST /api/v1/scan?outcome=admit', 400, 'x', 'text/plain'],
  ['POST /api/v1/scan', 413, 'x'.repeat(8_000), 'text/plain'],
  ['POST /api/v1/nothing', 404, '{}'],
  ['DELETE /api/v1/state', 404, '{}'],
])('%s is refused with %i for what it brings', async (route, status, body, type = 'application/json') => {
  const [method = '', path = ''] = route.split(' ')
  expectProblem(await ask(gate.http + path, { method, headers: { 'content-type': type }, body }), status)
})

test.each([
  'recent?limit=1000000000',
  'recent?limit=-1',
  'recent?limit=x',
  'find',
  `find?q=${'x'.repeat(200)}`,
  'find?q=a&all=1',
  'state/%c0%ae',
])('GET %s is refused', async (path) => {
  expectProblem(await ask(`${gate.http}/api/v1/${path}`))
})

test('a search for SQL and wildcards finds nobody', async () => {
  for (const words of ["' OR 1=1; --", '%%', '__', '\\\\', '(a+)+$'.repeat(8)]) {
    const answered = await ask(`${gate.http}/api/v1/find?q=${encodeURIComponent(words)}`)
    expect([answered.status, JSON.parse(answered.text)]).toEqual([200, { people: [] }])
  }
})

test('advertisements of nothing, of everything and without an end do not reach a decision', async () => {
  const socket = connect(gate.layout.bleSocket)
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.on('error', () => undefined)
  const at = Date.now()
  const lines = [
    'null',
    '[]',
    '{"at":1e999}',
    '{"at":1,"addr":"x","rssi":-60,"ad":"zz"}',
    JSON.stringify({ at, addr: 'aa:bb:cc:dd:ee:ff', rssi: 1e9, ad: '00' }),
    JSON.stringify({ at, addr: 'aa:bb:cc:dd:ee:ff', rssi: -40, ad: 'ff'.repeat(31) }),
    JSON.stringify({ at: -at, addr: 'aa:bb:cc:dd:ee:ff', rssi: -40, ad: '1eff4c000215' }),
    `{"ad":"${'ff'.repeat(50_000)}"}`,
  ]
  const before = journalOf(gate).length
  for (let turn = 0; turn < 200; turn += 1) socket.write(`${lines.join('\n')}\n`)
  for (let turn = 0; turn < 2_000; turn += 1) {
    const ad = randomBytes(31).toString('hex')
    socket.write(`${JSON.stringify({ at, addr: randomUUID().slice(0, 17), rssi: -40, ad })}\n`)
  }
  socket.write('x'.repeat(8 * 1024 * 1024))
  await systemClock.sleep(500)
  socket.destroy()
  expect(journalOf(gate).length).toBe(before)
  await expectAdmitted()
})

test('all of it was counted, the gate is ready, its journal came through and memory is where it was', async () => {
  await expectCounted(gate.http, new Map(), 30, 'gatehouse_http_refused_total')
  expect((await ask(`${gate.http}/readyz`)).status).toBe(200)
  await settled(venue)
  await expectUnharmed(venue)
  expect(journalOf(gate).filter(({ line }) => line['outcome'] === 'admit').length).toBe(await admittedInCloud())
  expect(memoryOf(gate.child.pid) - memoryBefore).toBeLessThan(ROSE_AT_MOST)
})

async function admittedInCloud(): Promise<number> {
  const [row] = await venue.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM attendance.records WHERE gate = $1 AND outcome = 'admit'`,
    [gate.id],
  )
  return row?.n ?? 0
}
