import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@gatehouse/runtime'
import { afterAll, expect, test, vi } from 'vitest'
import { createFrameAssembly, watchQrPipe } from './qr-pipe.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pipe-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function assembly() {
  const frames: string[] = []
  const take = createFrameAssembly(
    { width: 4, height: 1 },
    ({ data }) => void frames.push(Buffer.from(data).toString()),
  )
  return { frames, take: (text: string, atMs: number) => take(Buffer.from(text), atMs) }
}

test('frames are cut out of the stream wherever its chunks end', () => {
  const { frames, take } = assembly()
  for (const part of ['ab', 'cdef', 'ghijklm', 'n', 'op']) take(part, 0)
  expect(frames).toEqual(['abcd', 'efgh', 'ijkl', 'mnop'])
})

test('a frame whose writer died is forgotten, and the next writer begins at a frame', () => {
  const { frames, take } = assembly()
  take('abcdef', 0)
  take('wxyz', 501)
  expect(frames).toEqual(['abcd', 'wxyz'])
})

test('frames written into the pipe are decoded; a code that stays in view is told once; writers come and go', async () => {
  const path = join(folder, 'camera')
  const texts: string[] = []
  const ending = new AbortController()
  const decode = async ({ data }: { data: Uint8Array }) => {
    const text = Buffer.from(data).toString()
    return text.startsWith('Q') ? text : undefined
  }
  const settings = { path, width: 4, height: 1, holdMs: 5_000, decode, clock: systemClock }
  const ended = watchQrPipe({ ...settings, onText: (text) => void texts.push(text) }, ending.signal)
  await vi.waitFor(() => expect(existsSync(path)).toBe(true))
  for (const frame of ['Q001', '....', 'Q001', 'Q002']) {
    const writer = await open(path, 'w')
    await writer.write(frame)
    await writer.close()
    await systemClock.sleep(20)
  }
  await vi.waitFor(() => expect(texts).toEqual(['Q001', 'Q002']))
  ending.abort()
  await ended
})

test('something else at the path is a failure with a code, not a broken file', async () => {
  const path = join(folder, 'file')
  writeFileSync(path, 'precious')
  const settings = { path, width: 4, height: 1, holdMs: 1, decode: async () => undefined, onText: () => undefined }
  const watching = watchQrPipe({ ...settings, clock: systemClock }, new AbortController().signal)
  await expect(watching).rejects.toMatchObject({ code: 'GH-SCAN-002' })
})
