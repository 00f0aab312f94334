/**
 * The two QR readers behind one shape: zxing-wasm, which reads almost everything a gate sees, and @zxing/library, plain
 * JavaScript, for when the other cannot be loaded or breaks. Both take gray pixels and answer with the code's text or undefined.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { LuminanceSource } from '@zxing/library'
import type { ReaderOptions } from 'zxing-wasm/reader'
import { type Emphasis, emphasise } from './emphasis.ts'
import type { GrayImage } from './image.ts'

export type ReadQr = (image: GrayImage) => Promise<string | undefined>

/** Longer texts are cut: no credential is that long, so the gate answers "unreadable" instead of nothing at all. */
export const MAX_TEXT_LENGTH = 512

/** What the product's own tickets begin with (protocol §9). */
const TICKET_PREFIX = 'GT1:'

/** Where the package keeps its WebAssembly; read from disk because its own default is to fetch it from a CDN. */
export const packagedWasm = (): string => createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')

/** One look at a frame: how it is prepared, and what zxing is asked to do with it. */
export interface Look {
  readonly emphasis?: Emphasis
  readonly options: ReaderOptions
}

/** Halving every frame (the default begins at 500 pixels and divides by three) is what reads through grain. */
const THOROUGH: ReaderOptions = {
  formats: ['QRCode'],
  maxNumberOfSymbols: 1,
  textMode: 'Plain',
  binarizer: 'LocalAverage',
  tryHarder: true,
  tryRotate: true,
  tryInvert: true,
  tryDownscale: true,
  downscaleFactor: 2,
  downscaleThreshold: 200,
}

/**
 * Tried in this order until a code is found. Nine in ten hard frames need only the first; the second is cheap and finds small
 * ones, the third most of the blurred, faint and grainy rest (the `qr` bench has the figures).
 */
export const LOOKS: readonly Look[] = [
  { options: THOROUGH },
  { options: { ...THOROUGH, binarizer: 'GlobalHistogram' } },
  { options: THOROUGH, emphasis: { smooth: 1, around: 3, gain: 2 } },
]

/** A binary PGM: zxing reads gray pixels from it as they are, while raw pixels would have to be blown up to RGBA first. */
function toPgm({ width, height, data }: GrayImage): Uint8Array {
  const header = Buffer.from(`P5\n${width} ${height}\n255\n`, 'latin1')
  const pgm = new Uint8Array(header.length + data.length)
  pgm.set(header)
  pgm.set(data, header.length)
  return pgm
}

/** Loads the WebAssembly from `wasmFile`; rejects when it cannot be read or instantiated. A rejected read means it broke. */
export async function openWasmReader(wasmFile: string, looks = LOOKS): Promise<ReadQr> {
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader')
  const wasmBinary = new Uint8Array(await readFile(wasmFile)).buffer
  await prepareZXingModule({ overrides: { wasmBinary, printErr: () => {} }, fireImmediately: true })
  const lookAt = async (image: GrayImage, { emphasis, options }: Look): Promise<string | undefined> => {
    const pgm = toPgm(emphasis ? emphasise(image, emphasis) : image)
    const [first] = await readBarcodes(pgm, options)
    if (!first || first.text.startsWith(TICKET_PREFIX)) return first?.text
    // Posters carry codes too: before answering for one of those, see whether a ticket is in the picture as well.
    const all = await readBarcodes(pgm, { ...options, maxNumberOfSymbols: 4 })
    return all.find(({ text }) => text.startsWith(TICKET_PREFIX))?.text ?? first.text
  }
  return async (image) => {
    for (const look of looks) {
      const text = await lookAt(image, look)
      if (text !== undefined) return text.slice(0, MAX_TEXT_LENGTH)
    }
    return undefined
  }
}

/** The pure JavaScript reader. Its MultiFormatReader throws without hints, so QRCodeReader is called itself. */
export async function openScriptReader(): Promise<ReadQr> {
  const zxing = await import('@zxing/library')
  const hints = new Map<number, unknown>([[zxing.DecodeHintType.TRY_HARDER, true]])
  const attempt = (source: LuminanceSource): string | undefined => {
    try {
      const bitmap = new zxing.BinaryBitmap(new zxing.HybridBinarizer(source))
      return new zxing.QRCodeReader().decode(bitmap, hints).getText().slice(0, MAX_TEXT_LENGTH)
    } catch {
      // This library says "no code here", "bad checksum" and "index out of range" alike by throwing.
      return undefined
    }
  }
  return async ({ data, width, height }) => {
    const source = new zxing.RGBLuminanceSource(Uint8ClampedArray.from(data), width, height)
    return attempt(source) ?? attempt(new zxing.InvertedLuminanceSource(source))
  }
}
