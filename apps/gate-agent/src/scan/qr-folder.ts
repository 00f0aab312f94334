/**
 * Codes that arrive as pictures in a folder: a scanner that writes files, a phone that shares them, the demo's crowd. Each
 * picture is read once, in order of age, and removed. One that is still being written is left for a moment; one without a
 * code is counted and removed too, or the folder would fill up.
 */
import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, Failure, type Logger } from '@gatehouse/runtime'

export interface QrFolderSettings {
  readonly folder: string
  readonly decode: (file: Uint8Array) => Promise<string | undefined>
  readonly onText: (text: string) => void
  /** A picture in which no code was found. */
  readonly onNothing: () => void
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
}

const PICTURE = /\.(png|jpe?g)$/i
const MAX_FILE_BYTES = 8 * 1024 * 1024
/** Pictures taken in one turn; what is more waits for the next. */
const TURN = 32
/** A picture without a code that is younger may not be complete yet. */
const WRITING_MS = 1_000
/** Looked at this often even when the system tells of no change. */
const LOOK_MS = 500

export async function watchQrFolder(settings: QrFolderSettings, signal: AbortSignal): Promise<void> {
  const { folder, clock } = settings
  const watcher = await openWatcher(folder)
  try {
    while (!signal.aborted) {
      const changed = change(watcher, signal)
      const isMore = await takeAll(settings, signal)
      if (!isMore) await Promise.race([changed.happened, clock.sleep(LOOK_MS, changed.signal)])
      changed.forget()
    }
  } finally {
    watcher.close()
  }
}

async function openWatcher(folder: string): Promise<FSWatcher> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return watch(folder).on('error', () => undefined)
  } catch (cause) {
    throw new Failure('GH-SCAN-001', `the folder ${folder} cannot be watched`, { cause, waitingHelps: true })
  }
}

/** Resolves at the first change; `signal` ends the wait beside it, so that no timer is left behind. */
function change(watcher: FSWatcher, signal: AbortSignal) {
  const ended = new AbortController()
  const { promise: happened, resolve } = Promise.withResolvers<void>()
  const onChange = () => resolve()
  const onAbort = () => ended.abort()
  watcher.on('change', onChange)
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    happened,
    signal: ended.signal,
    forget() {
      watcher.off('change', onChange)
      signal.removeEventListener('abort', onAbort)
      ended.abort()
      resolve()
    },
  }
}

/** True when it stopped at the bound. */
async function takeAll(settings: QrFolderSettings, signal: AbortSignal): Promise<boolean> {
  const names = (await readdir(settings.folder)).filter((name) => PICTURE.test(name) && !name.startsWith('.'))
  for (const name of await oldestFirst(settings.folder, names.slice(0, 1_000))) {
    if (signal.aborted) return false
    await takeOne(settings, join(settings.folder, name))
  }
  return names.length > TURN
}

async function oldestFirst(folder: string, names: readonly string[]): Promise<string[]> {
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs })),
  )
  return aged
    .flatMap(({ name, at }) => (at === undefined ? [] : [{ name, at }]))
    .sort((one, other) => one.at - other.at || (one.name < other.name ? -1 : 1))
    .slice(0, TURN)
    .map(({ name }) => name)
}

async function takeOne({ decode, onText, onNothing, clock, logger }: QrFolderSettings, path: string): Promise<void> {
  try {
    const { size, mtimeMs } = await stat(path)
    const text = size > MAX_FILE_BYTES ? undefined : await decode(await readFile(path))
    if (text === undefined && Math.abs(clock.now() - mtimeMs) < WRITING_MS) return
    // Removed before it is answered: a reading that is lost here is shown again, one that stays would open the door twice.
    await unlink(path)
    if (text === undefined) onNothing()
    else onText(text)
  } catch (error) {
    logger.warn({ problem: String(error) }, 'a picture in the scan folder could not be read')
  }
}
