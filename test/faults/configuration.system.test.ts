/**
 * Both programs with configuration that is missing, empty, wrong or open to others: they end at once with 78 and one line that names
 * what is wrong, before they touch a data folder, and without a stack.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const CLOUD = fileURLToPath(import.meta.resolve('@gatehouse/cloud-server/main.ts'))
const GATE = fileURLToPath(import.meta.resolve('@gatehouse/gate-agent/main.ts'))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-configuration-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'], ...env } })
  const said = { out: '', error: '' }
  child.stdout.on('data', (chunk: Buffer) => void (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (said.error += chunk.toString()))
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(tooLong)
  return { code, ...said }
}

function write(name: string, text: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

function expectRefused({ code, out, error }: Ended, ...named: readonly string[]): void {
  expect([code, out], error).toEqual([78, ''])
  expect(error).toMatch(/^GH-CONFIG-\d{3}[: ]/)
  expect(error.trimEnd().split('\n')).toHaveLength(1)
  for (const name of named) expect(error).toContain(name)
}

const dataIn = (name: string) => `data.dir=${join(folder, name)}`

const files: readonly (readonly [string, string, string])[] = [
  ['an unknown option', 'htpp.port', 'htpp:\n  port: 1\n'],
  ['text for a number', 'http.port', 'http:\n  port: eighty\n'],
  ['a list for a number', 'http.port', 'http:\n  port: [1]\n'],
  ['a number without end', 'http.port', 'http:\n  port: .inf\n'],
  ['a group for a value', 'http.port', 'http:\n  port:\n    a: 1\n'],
  ['__proto__', '__proto__', '__proto__:\n  port: 1\n'],
  ['no YAML', 'bad.yaml', 'http: [\n'],
  ['a list', 'bad.yaml', '- http\n'],
  ['half a file', 'bad.yaml', '{"http":{"port":'],
]

// Both read files with the same code, so each file is shown to one of them.
test.concurrent.each(files.map((file, index) => [...file, index % 2 === 0 ? CLOUD : GATE] as const))(
  'a file with %s is refused, and %s is named',
  async (what, named, text, program) => {
    const path = write(`${what.replaceAll(' ', '-')}-bad.yaml`, text)
    expectRefused(await run(program, ['--config', path, '--set', dataIn('never-made')]), named)
    expect(existsSync(join(folder, 'never-made'))).toBe(false)
  },
)

test('a file that is not there, a folder, and bytes that are no text are refused by name', async () => {
  const bytes = write('bytes.yaml', Uint8Array.from([0xff, 0xfe, 0, 0x80]))
  const runs = [join(folder, 'missing.yaml'), folder, bytes].map(async (path, index) => {
    const program = index === 0 ? GATE : CLOUD
    expectRefused(await run(program, ['--config', path, '--set', dataIn('never-made')]), path)
  })
  await Promise.all(runs)
})

test('wrong values on the command line and in the environment are refused by name', async () => {
  const data = ['--set', dataIn('never-made')]
  const wrong: [string, string[], string, NodeJS.ProcessEnv?][] = [
    [CLOUD, ['--set', 'http.port=eighty'], 'http.port'],
    [GATE, ['--set', 'data.dri=x'], 'data.dri'],
    [CLOUD, ['--set', 'roles=cook'], 'cook'],
    [CLOUD, ['--set', 'mqtt.tls=false', '--set', 'mqtt.host=0.0.0.0'], 'mqtt.tls'],
    [GATE, [], 'http.port', { GATEHOUSE_HTTP_PORT: '70000' }],
  ]
  for (const [program, args, named, env] of wrong) expectRefused(await run(program, [...args, ...data], env), named)
  expect(existsSync(join(folder, 'never-made'))).toBe(false)
})

const handovers: readonly (readonly [string, string | undefined, number, string])[] = [
  ['is missing', undefined, 0o600, 'handover.json'],
  ['is empty', '', 0o600, 'handover.json'],
  ['is half a file', '{"org":', 0o600, 'handover.json'],
  ['is of another shape', '{"org":"x"}', 0o600, 'signingKey'],
  ['can be read by everybody', '{}', 0o644, '0644'],
]

test.concurrent.each(handovers)(
  'a gate whose hand-over document %s does not start',
  async (what, text, mode, named) => {
    const name = `${what.replaceAll(' ', '-')}-handover.json`
    const path = join(folder, name)
    if (text !== undefined) write(name, text, mode)
    expectRefused(await run(GATE, ['--set', `handover=${path}`, '--set', dataIn('gate')]), named)
  },
)

test('a link does not hide that the document behind it can be read by others', async () => {
  const path = join(folder, 'link.json')
  symlinkSync(write('open.json', '{}', 0o666), path)
  expectRefused(await run(GATE, ['--set', `handover=${path}`, '--set', dataIn('gate')]), '0666')
})
