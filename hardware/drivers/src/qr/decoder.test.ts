import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import QRCode from 'qrcode'
import { afterAll, describe, expect, test } from 'vitest'
import { createQrDecoder } from './decoder.ts'
import type { QrImage } from './image.ts'

const TEXT = `GT1:${'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.repeat(5).slice(0, 144)}`
const decoders: { stop(): Promise<void> }[] = []
const decoderWith = (options: Parameters<typeof createQrDecoder>[0] = {}) => {
  const decoder = createQrDecoder(options)
  decoders.push(decoder)
  return decoder
}
afterAll(() => Promise.all(decoders.map((decoder) => decoder.stop())))

const pngOf = (text: string) => QRCode.toBuffer(text, { errorCorrectionLevel: 'M', scale: 4 })
async function rgbaOf(text: string): Promise<QrImage> {
  const { width, height, data } = PNG.sync.read(await pngOf(text))
  return { width, height, data, format: 'rgba' }
}

describe('the QR decoder', () => {
  test('reads a ticket from PNG and JPEG files and from rgba and gray8 frames', async () => {
    const decoder = decoderWith()
    const frame = await rgbaOf(TEXT)
    const gray = Uint8Array.from({ length: frame.width * frame.height }, (_, pixel) => frame.data[pixel * 4] ?? 0)
    expect(await decoder.decodeFile(await pngOf(TEXT))).toBe(TEXT)
    expect(await decoder.decodeFile(encodeJpeg({ ...frame, data: Buffer.from(frame.data) }, 80).data)).toBe(TEXT)
    expect(await decoder.decode(frame)).toBe(TEXT)
    expect(await decoder.decode({ ...frame, data: gray, format: 'gray8' })).toBe(TEXT)
    expect(decoder.counters()).toEqual({ frames: 4, decoded: 4, byFallback: 0, recycled: 0, refused: {} })
  })

  test('goes on with the plain JavaScript reader when the WebAssembly cannot be loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-qr-'))
    const broken = join(folder, 'broken.wasm')
    await writeFile(broken, 'not WebAssembly')
    for (const wasmFile of [broken, join(folder, 'missing.wasm')]) {
      const decoder = decoderWith({ wasmFile })
      expect(await decoder.decodeFile(await pngOf(TEXT))).toBe(TEXT)
      expect(decoder.counters().byFallback).toBe(1)
    }
    await rm(folder, { recursive: true })
  })

  test('replaces its worker after the given number of frames and answers every frame', async () => {
    const decoder = decoderWith({ recycleAfter: 2 })
    const png = await pngOf(TEXT)
    for (let frame = 0; frame < 5; frame += 1) expect(await decoder.decodeFile(png)).toBe(TEXT)
    expect(decoder.counters()).toMatchObject({ frames: 5, decoded: 5, recycled: 2 })
  })

  test('answers undefined to a frame without a code and to damaged files, and counts why', async () => {
    const decoder = decoderWith()
    const png = await pngOf(TEXT)
    expect(
      await decoder.decode({ width: 64, height: 64, data: new Uint8Array(64 * 64), format: 'gray8' }),
    ).toBeUndefined()
    expect(await decoder.decodeFile(png.subarray(0, 200))).toBeUndefined()
    expect(await decoder.decodeFile(Buffer.from('<svg/>'))).toBeUndefined()
    expect(await decoder.decodeFile(new Uint8Array(0))).toBeUndefined()
    expect(
      await decoder.decode({ width: 64, height: 63, data: new Uint8Array(64 * 64), format: 'gray8' }),
    ).toBeUndefined()
    expect(await decoder.decodeFile(png)).toBe(TEXT)
    expect(decoder.counters().refused).toEqual({ 'file-damaged': 1, 'file-format': 2, 'image-shape': 1 })
  })

  test('gives up a frame at its deadline and reads the next one with a fresh worker', async () => {
    const decoder = decoderWith({ deadlineMs: 1 })
    expect(await decoder.decodeFile(await pngOf(TEXT))).toBeUndefined()
    expect(decoder.counters().refused).toEqual({ deadline: 1 })
  })

  test('lets few calls wait and refuses the rest as busy', async () => {
    const decoder = decoderWith({ maxWaiting: 2 })
    const png = await pngOf(TEXT)
    const texts = await Promise.all(Array.from({ length: 6 }, () => decoder.decodeFile(png)))
    expect(texts.filter((text) => text === TEXT)).toHaveLength(3)
    expect(decoder.counters().refused).toEqual({ busy: 3 })
  })

  test('cuts a text longer than any credential to 512 characters', async () => {
    const decoder = decoderWith()
    expect(await decoder.decodeFile(await pngOf('A'.repeat(900)))).toBe('A'.repeat(512))
  })

  test('prefers a ticket when another code is in the same frame', async () => {
    const [ticket, poster] = [await rgbaOf(TEXT), await rgbaOf('https://example.org/soup')]
    const side = Math.max(ticket.width, poster.width)
    const both = new Uint8Array(2 * side * side * 4).fill(255)
    for (const [left, { data, width, height }] of [
      [0, poster],
      [side, ticket],
    ] as const)
      for (let y = 0; y < height; y += 1)
        both.set(data.subarray(y * width * 4, (y + 1) * width * 4), (y * 2 * side + left) * 4)
    expect(await decoderWith().decode({ width: 2 * side, height: side, data: both, format: 'rgba' })).toBe(TEXT)
  })

  test('answers undefined to whoever still waits when it is stopped, and afterwards', async () => {
    const decoder = decoderWith()
    const png = await pngOf(TEXT)
    const waiting = [decoder.decodeFile(png), decoder.decodeFile(png)]
    await expect.poll(() => decoder.counters().frames).toBe(1)
    await decoder.stop()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
    expect(decoder.counters().refused).toEqual({ stopped: 2 })
    expect(await decoder.decodeFile(png)).toBeUndefined()
  })
})
