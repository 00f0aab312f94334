// `npm run check`: what a reviewer would otherwise have to look for by hand, in the order of how often it finds something. All
// steps run even when one fails, and the last line says how many did.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** With a TypeScript it cannot use, the cruiser checks nothing and is content; fewer modules than this means that happened. */
const FEWEST_MODULES = 50

const run = (program, ...args) => spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20 })
const passed = ({ status }) => status === 0

function cruise() {
  const done = run('depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'packages', 'hardware', 'test')
  const modules = Number(/\((\d+) modules/.exec(done.stdout)?.[1] ?? 0)
  const enough = modules >= FEWEST_MODULES
  if (!enough) done.stdout += `\nonly ${modules} modules were looked at; expected at least ${FEWEST_MODULES}\n`
  return { ...done, status: done.status === 0 && enough ? 0 : 1, note: `${modules} modules` }
}

const folders = readdirSync('.').filter((name) => ['apps', 'packages', 'hardware', 'test'].includes(name))
const steps = [
  ['types', () => run('tsc', '-p', 'tsconfig.json')],
  ['lint', () => run('oxlint', '--type-aware', '--deny-warnings', ...folders)],
  ['format', () => run('biome', 'ci', '--linter-enabled=false', '.')],
  ['imports', cruise],
  ['unused', () => run('knip', '--no-progress')],
]

let failed = 0
for (const [name, work] of steps) {
  const done = work()
  const well = passed(done)
  if (!well) {
    failed += 1
    process.stdout.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}\n`)
  }
  process.stdout.write(`check ${name}: ${well ? 'ok' : 'FAILED'}${done.note ? ` (${done.note})` : ''}\n`)
}
process.stdout.write(`${steps.length - failed} checks passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
