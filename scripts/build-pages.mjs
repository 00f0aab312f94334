// Builds the staff page (apps/kiosk) and the organizer's pages (apps/dashboard) into their dist folders: hashed files, no inline
// script, nothing fetched from anywhere. It prints what each page weighs and fails when one outgrows its budget, because the
// kiosk runs on cheap tablets. The pages are built as ES modules by vite's own compiler; there are no plugins.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Pages of each app, and the kilobytes (1,000 bytes, gzip) that all its JavaScript together may weigh. */
const pages = [
  { name: 'kiosk', entries: ['index.html'], scriptLimitKb: 80 },
  { name: 'dashboard', entries: ['index.html', 'desk.html'], scriptLimitKb: 150 },
]

function say(text) {
  process.stderr.write(`pages: ${text}\n`)
}

function configOf(app, entries) {
  return {
    root: app,
    base: '/',
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: join(app, 'dist'),
      emptyOutDir: true,
      target: 'es2022',
      // Small files as data: URLs would need a wider Content-Security-Policy, the preload polyfill an inline script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { input: entries.map((entry) => join(app, entry)) },
    },
  }
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function gzipBytes(file) {
  return gzipSync(readFileSync(file), { level: 9 }).length
}

/** Inline scripts would be refused by the policy that the servers send, at run time and on somebody else's screen. */
function inlineScripts(files) {
  const pagesWithout = files.filter((file) => file.endsWith('.html'))
  return pagesWithout.filter((file) => /<script(?![^>]*\bsrc=)/.test(readFileSync(file, 'utf8')))
}

async function buildPage({ name, entries, scriptLimitKb }) {
  const app = join(root, 'apps', name)
  await build(configOf(app, entries))
  const files = filesOf(join(app, 'dist'))
  const weights = files.map((file) => ({ file: relative(app, file), bytes: gzipBytes(file) }))
  const scriptBytes = weights.filter(({ file }) => file.endsWith('.js')).reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { file, bytes } of weights) say(`${name}  ${(bytes / 1000).toFixed(1).padStart(6)} kB gz  ${file}`)
  const problems = []
  if (scriptBytes > scriptLimitKb * 1000) {
    problems.push(`${name}: ${(scriptBytes / 1000).toFixed(1)} kB of JavaScript, limit ${scriptLimitKb} kB`)
  }
  for (const file of inlineScripts(files)) problems.push(`${name}: ${relative(app, file)} has an inline script`)
  say(`${name}  ${(scriptBytes / 1000).toFixed(1)} of ${scriptLimitKb} kB JavaScript`)
  return problems
}

const began = performance.now()
const wanted = process.argv.slice(2)
const chosen = wanted.length > 0 ? pages.filter(({ name }) => wanted.includes(name)) : pages
if (wanted.some((name) => !pages.some((page) => page.name === name))) {
  say(`no such page; known: ${pages.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const problems = []
for (const page of chosen) problems.push(...(await buildPage(page)))
say(`done in ${((performance.now() - began) / 1000).toFixed(1)} s`)
for (const problem of problems) say(`FAILED ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0
