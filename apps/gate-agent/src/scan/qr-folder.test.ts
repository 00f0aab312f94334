import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@gatehouse/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchQrFolder } from './qr-folder.ts'

let folder = ''
let ending = new AbortController()
let ended: Promise<void> = Promise.resolve()
const texts: string[] = []
const nothing = vi.fn()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-folder-'))
  ending = new AbortController()
  texts.length = 0
  nothing.mockReset()
})
afterEach(async () => {
  ending.abort()
  await ended
  rmSync(folder, { recursive: true, force: true })
})

function start(): void {
  const decode = async (file: Uint8Array) => {
    const text = Buffer.from(file).toString()
    return text.startsWith('code ') ? text : undefined
  }
  const onText = (text: string) => void texts.push(text)
  ended = watchQrFolder(
    { folder, decode, onText, onNothing: nothing, clock: systemClock, logger: silentLogger },
    ending.signal,
  )
}

/** Older pictures are complete. */
function put(name: string, content: string, ageSec: number): void {
  const path = join(folder, name)
  writeFileSync(path, content)
  utimesSync(path, Date.now() / 1000 - ageSec, Date.now() / 1000 - ageSec)
}

test('pictures are read oldest first, once, and removed', async () => {
  put('b.png', 'code one', 20)
  put('a.PNG', 'code two', 10)
  start()
  await vi.waitFor(() => expect(texts).toEqual(['code one', 'code two']))
  expect(readdirSync(folder)).toEqual([])
})

test('a picture that arrives later is taken at once', async () => {
  start()
  put('late.jpg', 'code late', 0)
  await vi.waitFor(() => expect(texts).toEqual(['code late']))
})

test('what is no picture stays and is not read', async () => {
  put('notes.txt', 'code hidden', 20)
  put('.half.png', 'code half', 20)
  put('z.png', 'code seen', 5)
  start()
  await vi.waitFor(() => expect(texts).toEqual(['code seen']))
  expect(readdirSync(folder).sort()).toEqual(['.half.png', 'notes.txt'])
})

test('a picture without a code is counted and removed, but not while it is being written', async () => {
  put('old.png', 'noise', 30)
  put('new.png', 'noi', -0.2)
  start()
  await vi.waitFor(() => expect(nothing).toHaveBeenCalledTimes(1))
  expect(readdirSync(folder)).toEqual(['new.png'])
  put('new.png', 'code complete', 0)
  await vi.waitFor(() => expect(texts).toEqual(['code complete']))
})
