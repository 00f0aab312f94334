import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CredentialKey, createProximity, evaluateTick, hear } from '@gatehouse/domain'
import { parseAdvertisement, rollingId, rollingStep } from '@gatehouse/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomFrom } from '../venue/chance.ts'
import { badgeLine, phoneLine } from './advertisements.ts'
import { createAir } from './air.ts'
import { strengthOfBystander, walkThrough } from './walk.ts'

const key = '00'.repeat(16) as CredentialKey
const badgeKey = new Uint8Array(32).fill(7)
interface Line {
  readonly at: number
  readonly ad: string
}
const bytesOf = (line: string) => new Uint8Array(Buffer.from((JSON.parse(line) as Line).ad, 'hex'))

/** Whether the gate's own rule takes these sightings for somebody at the gate. */
function comesNear(
  sightings: readonly { afterMs: number; rssi: number }[],
  lastsMs: number,
  thresholdDb: number,
): boolean {
  const proximity = createProximity({ thresholdDb })
  const left = [...sightings]
  for (let now = 500; now <= lastsMs; now += 500) {
    while ((left[0]?.afterMs ?? Number.POSITIVE_INFINITY) <= now) {
      const sighting = left.shift()
      if (sighting) hear(proximity, { key, rssi: sighting.rssi }, sighting.afterMs)
    }
    if (evaluateTick(proximity, now).near.length > 0) return true
  }
  return false
}

describe('what a radio hears', () => {
  test('of somebody who walks through is enough for the gate, whatever the chance', () => {
    for (let seed = 0; seed < 300; seed += 1)
      expect(comesNear(walkThrough(randomFrom(seed)), 7_000, -62), `seed ${seed}`).toBe(true)
  })

  test('of somebody who stands in the foyer for ten minutes is never enough', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const random = randomFrom(seed)
      const standing = Array.from({ length: 3_000 }, (_, number) => ({
        afterMs: number * 200,
        rssi: strengthOfBystander(random),
      }))
      expect(comesNear(standing, 600_000, -65), `seed ${seed}`).toBe(false)
    }
  })

  test('are rolling badges with the id of their time, and phones that are no badges', () => {
    const at = 1_790_000_000_000
    const line = badgeLine(badgeKey, 42, { at, addr: 'c0:00:00:00:00:01', rssi: -60 })
    expect(parseAdvertisement(bytesOf(line))).toEqual({
      format: 'rolling',
      rollingId: rollingId(badgeKey, 42, rollingStep(at / 1000)),
    })
    for (let seed = 0; seed < 50; seed += 1)
      expect(parseAdvertisement(bytesOf(phoneLine(randomFrom(seed), at, -70)))).toBeUndefined()
    expect(line.length).toBeLessThan(512)
  })
})

describe('the way through the air', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-air-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function listen(path: string, lines: string[]): Promise<{ server: Server; end: () => void }> {
    const ends: (() => void)[] = []
    const server = createServer((socket) => {
      ends.push(() => socket.destroy())
      socket.on('data', (bytes) => lines.push(...bytes.toString().split('\n').filter(Boolean)))
    }).listen(path)
    await once(server, 'listening')
    return { server, end: () => (server.close(), ends.forEach((end) => end())) }
  }

  test('finds a gate that comes later, and again after it was gone', async () => {
    const path = join(folder, 'gate.sock')
    let mono = 0
    const air = createAir(path, { monoMs: () => (mono += 1_000) })
    air.send('lost')
    const lines: string[] = []
    for (const word of ['first', 'second']) {
      const gate = await listen(path, lines)
      await expect.poll(() => (air.send(word), lines.includes(word))).toBe(true)
      gate.end()
      await once(gate.server, 'close')
    }
    expect(lines).not.toContain('lost')
    air.close()
    air.send('after the end')
  })
})
