/**
 * The two commands as a newcomer meets them: the venue opens, names the cloud's address first, ends within five seconds of
 * Ctrl-C with nothing left behind, and heals after a kill -9 of everything that could have cleaned up.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { eventually, freePort, processesOf, temporaryFolder } from './open-venue.ts'

const data = temporaryFolder('start')
const main = resolve('apps/cli/src/main.ts')

interface Start {
  readonly child: ChildProcess
  text(): string
}

afterAll(() => rmSync(data, { recursive: true, force: true }))

async function start(...more: string[]): Promise<Start> {
  const ports = ['--http-port', String(await freePort()), '--mqtt-port', String(await freePort())]
  const args = [main, 'demo', '--data', data, '--people', '60', ...ports, ...more]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, text: () => text }
}

async function opened(given: Start): Promise<string> {
  await eventually('the venue being open', 90_000, () => {
    if (given.child.exitCode !== null) throw new Error(`it ended:\n${given.text()}`)
    return given.text().includes('Ctrl-C closes')
  })
  const [url] = /https?:\/\/\S+/.exec(given.text()) ?? []
  if (!url) throw new Error(`no address in:\n${given.text()}`)
  return url
}

/** Ends it as Ctrl-C does; resolves with how long it took, ms. */
async function interrupt({ child }: Start): Promise<number> {
  const began = Date.now()
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  await ended
  return Date.now() - began
}

test('it names the cloud’s address first, and that one is ready; Ctrl-C leaves nothing behind', async () => {
  const given = await start()
  const url = await opened(given)
  const ready = await fetch(new URL('/readyz', url))
  expect(ready.status).toBe(200)
  expect(await interrupt(given)).toBeLessThan(5_000)
  expect(processesOf(data)).toEqual([])
  expect(existsSync(join(data, 'venue.lock'))).toBe(false)
})

test('after kill -9 of the venue the next start ends what was left and opens again with the same people', async () => {
  const first = await start()
  await opened(first)
  const made = readFileSync(join(data, 'venue.json'), 'utf8')
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  expect(processesOf(data).length).toBeGreaterThan(3)

  const second = await start()
  const url = await opened(second)
  expect((await fetch(new URL('/readyz', url))).status).toBe(200)
  expect(readFileSync(join(data, 'venue.json'), 'utf8')).toBe(made)
  await interrupt(second)
  expect(processesOf(data)).toEqual([])
})

test('a port that is taken is said clearly, and another one is used', async () => {
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const given = await start('--http-port', String(port))
  const url = await opened(given)
  expect(given.text()).toContain(`port ${port} is in use`)
  expect((await fetch(new URL('/readyz', url))).status).toBe(200)
  await interrupt(given)
  taken.close()
})

test('a second venue in the same folder is refused with what to do', async () => {
  const first = await start()
  await opened(first)
  const second = await start()
  const [code] = await once(second.child, 'exit')
  expect(code).toBe(1)
  expect(second.text()).toContain('--data')
  await interrupt(first)
})
