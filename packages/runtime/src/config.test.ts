import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineOptions, describeOptions, loadConfig } from './config.ts'
import { Failure } from './failure.ts'

const options = defineOptions({
  'http.port': { type: 'number', default: 8080, doc: 'Where the API listens.' },
  'http.host': { type: 'string', default: '127.0.0.1', doc: 'Address to bind.' },
  'mqtt.tls': { type: 'boolean', default: true, doc: 'Encrypts the broker.' },
  roles: { type: 'list', default: ['all'], doc: 'What this process does.' },
  'database.url': { type: 'string', doc: 'A PostgreSQL server.' },
})

function load(given: { file?: string; env?: Record<string, string>; sets?: string[] }) {
  return loadConfig(options, {
    file: given.file,
    env: given.env ?? {},
    envPrefix: 'GATEHOUSE_',
    sets: given.sets ?? [],
  })
}

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'gatehouse-config-')), 'gate.yaml')
  writeFileSync(path, text)
  return path
}

function refusal(work: () => unknown): Failure {
  try {
    work()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('was not refused')
}

test('with nothing given every option has its documented default', () => {
  expect(load({})).toEqual({
    'http.port': 8080,
    'http.host': '127.0.0.1',
    'mqtt.tls': true,
    roles: ['all'],
    'database.url': undefined,
  })
})

test('--set is stronger than the environment, which is stronger than the file', () => {
  const file = fileWith('http:\n  port: 1\n  host: file\nmqtt.tls: false\n')
  const config = load({ file, env: { GATEHOUSE_HTTP_PORT: '2', GATEHOUSE_HTTP_HOST: 'env' }, sets: ['http.port=3'] })
  expect([config['http.port'], config['http.host'], config['mqtt.tls']]).toEqual([3, 'env', false])
})

test('an unknown key is refused by its name, with the ones that were near', () => {
  const failure = refusal(() => load({ file: fileWith('http:\n  prot: 1\n') }))
  expect(failure.code).toBe('GH-CONFIG-001')
  expect(failure.message).toContain("'http.prot'")
  expect(failure.message).toContain('http.port')
})

test.each([
  ['http.port=eighty', 'http.port'],
  ['http.port=', 'http.port'],
  ['mqtt.tls=maybe', 'mqtt.tls'],
])('a value of the wrong type is refused by the name of its option: %s', (set, name) => {
  expect(refusal(() => load({ sets: [set] })).message).toContain(name)
})

test('a file that is missing or is no map is refused with its path', () => {
  expect(refusal(() => load({ file: '/nowhere/gate.yaml' })).message).toContain('/nowhere/gate.yaml')
  expect(refusal(() => load({ file: fileWith('- a\n- b\n') })).message).toContain('map of options')
})

test('no text whatsoever in a file or a --set gets past as anything but a value or a Failure', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      for (const attempt of [() => load({ sets: [text] }), () => load({ file: fileWith(text) })]) {
        try {
          attempt()
        } catch (error) {
          expect(error).toBeInstanceOf(Failure)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('the help names each option, its default and its environment variable', () => {
  const help = describeOptions(options, 'GATEHOUSE_')
  expect(help).toContain('http.port [8080]')
  expect(help).toContain('GATEHOUSE_HTTP_PORT')
})
