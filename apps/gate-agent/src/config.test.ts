import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadGateConfig } from './config.ts'
import { parseHandover, readHandover } from './handover.ts'
import { madeHandover } from './handover-for-tests.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const load = (...sets: string[]) => loadGateConfig({ env: {}, sets })
const refused = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) })

describe('the configuration of a gate', () => {
  test('is complete without being told anything', () => {
    expect(load()).toMatchObject({ 'http.host': '127.0.0.1', 'door.releaseMs': 3_000, handover: undefined })
  })

  test.each([
    ['http.prot=1', 'http.prot'],
    ['http.port=70000', 'http.port'],
    ['http.port=a', 'http.port'],
    ['door.releaseMs=5', 'door.releaseMs'],
    ['scan.qr.width=0', 'scan.qr.width'],
    ['door.driver=magic', 'door.driver'],
    ['log.level=loud', 'log.level'],
  ])('refuses %s by name', (set, name) => {
    expect(() => load(set)).toThrow(refused('GH-CONFIG-001', name))
  })
})

describe('the hand-over document', () => {
  const { document } = madeHandover('config test')

  test('is read into usable keys', () => {
    const handover = parseHandover(document)
    expect(handover.signingKey.asymmetricKeyType).toBe('ed25519')
    expect(handover.pepper).toHaveLength(32)
    expect(handover.tls).toBeUndefined()
  })

  test('may hold fields of a newer cloud', () => {
    expect(parseHandover({ ...document, news: 1 }).name).toBe('North')
  })

  test.each([
    ['gate', 'NORTH'],
    ['lane', ''],
    ['direction', 'up'],
    ['pepper', 'xyz'],
    ['signingKey', 'secret'],
    ['signingKey', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['downlinkKey', '00'],
    ['brokerUrl', 'http://broker'],
    ['brokerUrl', 'mqtt://broker.example'],
    ['brokerUrl', 'mqtts://broker.example'],
  ])('with a wrong %s (%s) is refused by name', (field, value) => {
    expect(() => parseHandover({ ...document, [field]: value })).toThrow(refused('GH-CONFIG-002', field))
  })

  test.each([null, [], 'text', 7, {}])('that is %j is refused', (value) => {
    expect(() => parseHandover(value)).toThrow(refused('GH-CONFIG-002', 'hand-over document'))
  })

  test('that others on this machine can read is refused', () => {
    const path = join(folder, 'handover.json')
    writeFileSync(path, JSON.stringify(document), { mode: 0o600 })
    expect(readHandover(path).name).toBe('North')
    chmodSync(path, 0o640)
    expect(() => readHandover(path)).toThrow(refused('GH-CONFIG-002', '0640'))
  })

  test('that is missing or cut short is refused with a word about what to do', () => {
    expect(() => readHandover(join(folder, 'nowhere.json'))).toThrow(refused('GH-CONFIG-002', 'pair this gate first'))
    const path = join(folder, 'half.json')
    writeFileSync(path, JSON.stringify(document).slice(0, 50), { mode: 0o600 })
    expect(() => readHandover(path)).toThrow(refused('GH-CONFIG-002', 'not JSON'))
  })
})
