import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@gatehouse/runtime'
import { createVirtualClock } from '@gatehouse/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatAdvertisementLine, parseAdvertisementLine } from './advertisement-line.ts'
import { createFakeBeaconSource } from './fake-source.ts'
import { createLineSplitter } from './line-splitter.ts'
import { createReplayBeaconSource } from './replay-source.ts'
import type { Advertisement, BeaconSource } from './source.ts'
import { createStreamBeaconSource } from './stream-source.ts'

let folder: string
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-ble-'))
})
afterAll(() => rm(folder, { recursive: true }))

const advertisement = (number: number): Advertisement => ({
  at: 1_790_000_000_000 + number * 100,
  addr: 'c0:ff:ee:00:00:01',
  rssi: -60 - number,
  ad: new Uint8Array([2, 1, 6, number]),
})
const line = (number: number) => formatAdvertisementLine(advertisement(number))

/** Gives the lines to a source of the kind and returns the source; how they travel is the driver's matter. */
interface Driver {
  readonly name: string
  open(lines: readonly string[]): Promise<{ source: BeaconSource; say: () => Promise<void> }>
}

async function sayOverSocket(path: string, lines: readonly string[]): Promise<void> {
  const client = connect(path)
  await once(client, 'connect')
  client.end(`${lines.join('\n')}\n`)
  await once(client, 'close')
}

const drivers: readonly Driver[] = [
  {
    name: 'stream',
    async open(lines) {
      const path = join(folder, `${files++}.sock`)
      return { source: createStreamBeaconSource({ path }), say: () => sayOverSocket(path, lines) }
    },
  },
  {
    name: 'replay',
    async open(lines) {
      const file = join(folder, `${files++}.ndjson`)
      await writeFile(file, lines.join('\n'))
      return { source: createReplayBeaconSource({ file, pace: 'recorded', clock: systemClock }), say: async () => {} }
    },
  },
  {
    name: 'fake',
    async open(lines) {
      const source = createFakeBeaconSource()
      return { source, say: async () => lines.forEach(source.hearLine) }
    },
  },
]

/** Says the lines once the source listens, and takes `count` advertisements. */
async function hear(driver: Driver, lines: readonly string[], count: number) {
  const { source, say } = await driver.open(lines)
  const ending = new AbortController()
  const stream = source.advertisements(ending.signal)[Symbol.asyncIterator]()
  const first = stream.next()
  await expect
    .poll(() =>
      say().then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  const heard = [(await first).value as Advertisement]
  while (heard.length < count) heard.push((await stream.next()).value as Advertisement)
  const next = stream.next()
  ending.abort()
  return { source, heard, end: await next }
}

describe.each(drivers)('every beacon source: $name', (driver) => {
  test('delivers what was heard, in order and unchanged', async () => {
    const { heard } = await hear(driver, [0, 1, 2].map(line), 3)
    expect(heard).toEqual([0, 1, 2].map(advertisement))
  })

  test('skips damaged and overlong lines, counts them and goes on', async () => {
    const damaged = ['{"at":1}', 'not json', '', `{"pad":"${'x'.repeat(600)}"}`, line(7).replace('-67', '-670')]
    const { heard, source } = await hear(driver, [line(1), ...damaged, line(2)], 2)
    expect(heard).toEqual([1, 2].map(advertisement))
    expect(source.counters()).toMatchObject({ heard: 2, refused: driver.name === 'fake' ? 5 : 4, dropped: 0 })
  })

  test('ends without an error when it is told to', async () => {
    const { end } = await hear(driver, [line(0)], 1)
    expect(end).toEqual({ done: true, value: undefined })
  })
})

test('when nobody keeps up, the oldest advertisements go first and are counted', async () => {
  const source = createFakeBeaconSource({ queueSize: 2 })
  for (const number of [0, 1, 2, 3]) source.hear(advertisement(number))
  const stream = source.advertisements(new AbortController().signal)[Symbol.asyncIterator]()
  const first = (await stream.next()).value
  expect(first).toEqual(advertisement(2))
  expect(source.counters()).toEqual({ heard: 4, refused: 0, dropped: 2 })
})

test('a replay in real pace keeps the recorded distances and carries the present time', async () => {
  const file = join(folder, 'paced.ndjson')
  await writeFile(file, [0, 1, 5].map(line).join('\n'))
  const clock = createVirtualClock(50_000)
  const source = createReplayBeaconSource({ file, pace: 'real', clock })
  const stream = source.advertisements(new AbortController().signal)[Symbol.asyncIterator]()
  const times: number[] = []
  for (let heard = 0; heard < 3; heard += 1) {
    const next = stream.next().then(({ value }) => times.push((value as Advertisement).at))
    await expect.poll(() => clock.advance(100).then(() => times.length)).toBeGreaterThan(heard)
    await next
  }
  expect([times[1] as number, times[2] as number].map((at, index) => at - (times[index] as number))).toEqual([100, 400])
})

test('several clients speak on one socket, and one that breaks off in mid-line disturbs nobody', async () => {
  const path = join(folder, 'several.sock')
  const source = createStreamBeaconSource({ path })
  const ending = new AbortController()
  const stream = source.advertisements(ending.signal)[Symbol.asyncIterator]()
  const first = stream.next()
  await expect
    .poll(() =>
      sayOverSocket(path, ['{"at":12']).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  const clients = [connect(path), connect(path)]
  clients[0]?.write(line(1).slice(0, 20))
  clients[1]?.write(`${line(2)}\n`)
  expect((await first).value).toEqual(advertisement(2))
  clients[0]?.end(`${line(1).slice(20)}\n`)
  expect((await stream.next()).value).toEqual(advertisement(1))
  ending.abort()
  await stream.next()
})

test('a socket file left by a killed process is replaced, one in use is refused by name', async () => {
  const path = join(folder, 'left.sock')
  const killed = createServer().listen(`${path}.before`)
  await once(killed, 'listening')
  await rename(`${path}.before`, path)
  killed.close()
  const ending = new AbortController()
  const first = createStreamBeaconSource({ path }).advertisements(ending.signal)[Symbol.asyncIterator]().next()
  await expect
    .poll(() =>
      sayOverSocket(path, [line(1)]).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  await first
  const second = createStreamBeaconSource({ path }).advertisements(ending.signal)[Symbol.asyncIterator]().next()
  await expect(second).rejects.toMatchObject({ code: 'GH-BLE-002' })
  const file = join(folder, 'precious')
  await writeFile(file, 'not a socket')
  const taken = createStreamBeaconSource({ path: file })
  await expect(taken.advertisements(ending.signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'GH-BLE-003',
  })
  expect(await readFile(file, 'utf8')).toBe('not a socket')
  const long = createStreamBeaconSource({ path: join(folder, 'x'.repeat(120)) })
  await expect(long.advertisements(ending.signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'GH-BLE-001',
  })
  ending.abort()
})

test('a missing recording is a failure with a code', async () => {
  const source = createReplayBeaconSource({ file: join(folder, 'none'), pace: 'recorded', clock: systemClock })
  const next = source.advertisements(new AbortController().signal)[Symbol.asyncIterator]().next()
  await expect(next).rejects.toMatchObject({ code: 'GH-BLE-004' })
})

describe('advertisement lines', () => {
  test('any text gives an advertisement within its bounds or nothing, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const parsed = parseAdvertisementLine(text)
        if (parsed) expect(parsed.ad.length).toBeGreaterThan(0)
      }),
    )
  })

  test('what is written is read back', () => {
    const some = fc.record({
      at: fc.nat(Number.MAX_SAFE_INTEGER),
      addr: fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) =>
        Buffer.from(bytes)
          .toString('hex')
          .replace(/..(?!$)/g, '$&:'),
      ),
      rssi: fc.integer({ min: -127, max: 20 }),
      ad: fc.uint8Array({ minLength: 1, maxLength: 62 }),
    })
    fc.assert(
      fc.property(some, (heard) => {
        expect(parseAdvertisementLine(formatAdvertisementLine(heard))).toEqual(heard)
      }),
    )
  })

  test('lines come out the same however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 12 }).filter((text) => !text.includes('\n'))),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (texts, sizes) => {
          const lines: string[] = []
          let tooLong = 0
          const split = createLineSplitter({
            maxBytes: 10,
            onLine: (text) => lines.push(text),
            onTooLong: () => {
              tooLong += 1
            },
          })
          const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
          for (let from = 0; from < bytes.length; ) {
            const size = sizes.next().value as number
            split(bytes.subarray(from, from + size))
            from += size
          }
          expect(lines).toEqual(texts.filter((text) => text !== '' && Buffer.byteLength(text) <= 10))
          expect(tooLong).toBe(texts.filter((text) => Buffer.byteLength(text) > 10).length)
        },
      ),
    )
  })
})
