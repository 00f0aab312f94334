/**
 * `node test/load/main.ts <name> [options]` runs one bench and prints its result as one JSON object on the last line of standard
 * output; without a name it lists the benches. Progress goes to standard error. Exit code 0 means it ran, not that the
 * goal was met; 1 that it could not run, 2 that there is no such bench.
 */
import { readdirSync } from 'node:fs'
import type { Bench } from './bench.ts'

const SUFFIX = '-bench.ts'
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .sort()

const load = (name: string): Promise<Bench> => import(new URL(`./${name}${SUFFIX}`, import.meta.url).href)

async function list(): Promise<void> {
  process.stdout.write('usage: npm run -s bench -- <name> [options]\n')
  for (const name of names) process.stdout.write(`  ${name.padEnd(10)} ${(await load(name)).about ?? ''}\n`)
}

async function run(name: string, args: readonly string[]): Promise<void> {
  const started = performance.now()
  const result = await (await load(name)).run(args)
  const tookSec = Number(((performance.now() - started) / 1000).toFixed(1))
  process.stdout.write(`${JSON.stringify({ ...result, tookSec })}\n`)
}

const [name, ...args] = process.argv.slice(2)
try {
  if (name === undefined) await list()
  else if (names.includes(name)) await run(name, args)
  else {
    process.stderr.write(`there is no bench "${name}"; there are: ${names.join(', ')}\n`)
    process.exitCode = 2
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
}
