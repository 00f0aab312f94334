/**
 * Which reader answers for a frame: the first one while it works, the fallback for as long as the first cannot be opened and
 * for the one frame on which it breaks. After a break its state is not trusted any more and `broke` asks for a fresh worker.
 */
import type { GrayImage } from './image.ts'
import type { ReadQr } from './readers.ts'

export interface QrAnswer {
  readonly text?: string
  readonly reader: 'zxing-wasm' | 'zxing-library'
  readonly broke?: boolean
}

/** `open*` may reject; the returned function rejects only when both readers fail. */
export function createReadWithFallback(open: { first: () => Promise<ReadQr>; fallback: () => Promise<ReadQr> }) {
  const first = open.first().catch(() => undefined)
  let fallback: Promise<ReadQr> | undefined
  const readFallback = async (image: GrayImage, broke: boolean): Promise<QrAnswer> => {
    fallback ??= open.fallback()
    const text = await (await fallback)(image)
    return { reader: 'zxing-library', ...(text !== undefined && { text }), ...(broke && { broke }) }
  }
  return async (image: GrayImage): Promise<QrAnswer> => {
    const read = await first
    if (!read) return readFallback(image, false)
    try {
      const text = await read(image)
      return { reader: 'zxing-wasm', ...(text !== undefined && { text }) }
    } catch {
      return readFallback(image, true)
    }
  }
}
