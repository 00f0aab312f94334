/**
 * Every command that the README shows is run here as it stands there, in the order it stands there; only the data folder is
 * another one, so that nobody's own venue is touched. A command that no runner knows fails the test.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { eventually, freePort, processesOf, temporaryFolder } from './open-venue.ts'

const data = join(temporaryFolder('readme'), 'demo')
const commands = [...readFileSync('README.md', 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
)

interface Run {
  readonly child: ChildProcess
  out: string
  err: string
}

let venue: Run | undefined
const groups: number[] = []

async function run(command: string): Promise<Run> {
  const env: NodeJS.ProcessEnv = { ...process.env, GATEHOUSE_DATA: data, GATEHOUSE_HTTP_PORT: String(await freePort()) }
  env['GATEHOUSE_MQTT_PORT'] = String(await freePort())
  // The commands below are started by npm themselves; vitest's own settings must not reach them.
  for (const name of Object.keys(env)) if (/^(npm_|VITEST|NODE_ENV|TEST$)/.test(name)) delete env[name]
  const line = command.replace('.gatehouse/demo', data)
  const child = spawn('bash', ['-c', `exec ${line}`], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const given: Run = { child, out: '', err: '' }
  groups.push(child.pid ?? 0)
  child.stdout?.on('data', (chunk: Buffer) => (given.out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (given.err += chunk.toString()))
  return given
}

async function toEnd(given: Run): Promise<Run> {
  const [code] = await once(given.child, 'exit')
  expect(code, given.out + given.err).toBe(0)
  return given
}

/** Ctrl-C in a terminal reaches the whole group. */
async function interrupt(given: Run): Promise<void> {
  const ended = once(given.child, 'exit')
  process.kill(-(given.child.pid ?? 0), 'SIGINT')
  await ended
}

async function says(given: Run, text: string): Promise<void> {
  const all = () => given.out + given.err
  const found = eventually(`"${text}"`, 120_000, () => {
    if (given.child.exitCode !== null) throw new Error('it ended')
    return all().includes(text)
  })
  await found.catch((cause: unknown) => Promise.reject(new Error(`it said:\n${all()}`, { cause })))
}

function lastLine(text: string): unknown {
  return JSON.parse(text.trim().split('\n').at(-1) ?? '')
}

const runners: Record<string, (command: string) => Promise<void>> = {
  async 'npm start'(command) {
    venue = await run(command)
    await says(venue, 'Ctrl-C closes')
  },
  async 'npm run gatehouse -- scan'(command) {
    const { out } = await toEnd(await run(command))
    expect(JSON.parse(out.slice(out.indexOf('{')))).toMatchObject({ decision: { outcome: 'admit' } })
    if (venue) await interrupt(venue)
    venue = undefined
  },
  async 'npm start -- --help'(command) {
    const { out } = await toEnd(await run(command))
    for (const option of ['--data', '--http-port', '--gates', '--seed', '--fresh', '--scene'])
      expect(out).toContain(option)
  },
  async 'npm start -- --scene'(command) {
    const given = await run(command)
    await says(given, 'the scene is over')
    await interrupt(given)
  },
  async 'npm run -s sim'(command) {
    expect(lastLine((await toEnd(await run(command))).out)).toMatchObject({ violations: 0, firstBadSeed: null })
  },
  async 'npm run -s bench'(command) {
    expect(lastLine((await toEnd(await run(command))).out)).toMatchObject({ bench: 'qr', met: true })
  },
}

/** Run around this very test: by whoever runs the tests, and by .ci/run. */
const around = ['npm test', 'npm run check']

afterAll(() => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  }
  rmSync(data, { recursive: true, force: true })
})

test('the README shows commands at all', () => {
  expect(commands).toContain('npm start')
  expect(commands).toContain('npm test')
})

test.each(commands.filter((command) => !around.includes(command)))('%s', async (command) => {
  const known = Object.keys(runners).toSorted((a, b) => b.length - a.length)
  const runner = known.find((prefix) => (prefix === 'npm start' ? command === prefix : command.startsWith(prefix)))
  if (!runner) throw new Error(`no runner for this command of the README: ${command}`)
  await runners[runner]?.(command)
})

test('nothing of it is left running', () => {
  expect(processesOf(data)).toEqual([])
})
