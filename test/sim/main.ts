/**
 * `node test/sim/main.ts --seeds 2000 [--from N] [--sqlite]` runs that many seeds in two worker threads, progress on stderr; its last line
 * on stdout is one JSON object. `--seed N --trace` tells one seed step by step. Exit code 1 when an invariant was violated.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { runWith } from './worker.ts'
import type { RunResult } from './world.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    sqlite: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})
const threads = 2

async function runMany(from: number, count: number): Promise<readonly RunResult[]> {
  const results: RunResult[] = []
  let next = from
  let told = Date.now()
  const serve = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { sqlite: values.sqlite } })
      const give = () =>
        next < from + count ? worker.postMessage(next++) : void worker.terminate().then(() => resolve())
      worker.on('message', (result: RunResult) => {
        results.push(result)
        for (const violation of result.violations.slice(0, 3))
          process.stderr.write(`seed ${result.seed}: ${violation}\n`)
        if (Date.now() - told > 2_000) {
          told = Date.now()
          process.stderr.write(`${results.length} of ${count} seeds\n`)
        }
        give()
      })
      worker.on('error', reject)
      give()
    })
  await Promise.all(Array.from({ length: threads }, serve))
  return results
}

const one = values.seed === undefined ? undefined : Number(values.seed)
const trace = values.trace ? (line: string) => void process.stdout.write(`${line}\n`) : undefined
const results =
  one === undefined
    ? await runMany(Number(values.from), Number(values.seeds))
    : [await runWith(one, values.sqlite, trace)]
const bad = results.filter(({ violations }) => violations.length > 0).sort((a, b) => a.seed - b.seed)
const first = bad[0]
if (first) {
  for (const violation of first.violations) process.stdout.write(`${violation}\n`)
  process.stdout.write(
    `repeat with: npm run -s sim -- --seed ${first.seed}${values.sqlite ? ' --sqlite' : ''} --trace\n`,
  )
}
const sum = (of: (result: RunResult) => number) => results.reduce((total, result) => total + of(result), 0)
const report = {
  seeds: results.length,
  simHours: Number((sum(({ simMs }) => simMs) / 3_600_000).toFixed(2)),
  decisions: sum(({ decisions }) => decisions),
  violations: sum(({ violations }) => violations.length),
  firstBadSeed: first?.seed ?? null,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exitCode = first ? 1 : 0
