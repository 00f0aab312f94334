/**
 * Second looks at a frame in which no code was found: a little smoothing against grain, then edges lifted against blur and
 * low contrast. Integer arithmetic in one sweep over the rows, because a frame without a code pays for every second look.
 */
import type { GrayImage } from './image.ts'

export interface Emphasis {
  /** Half width of the smoothing square, 0 for none. Pixels. */
  readonly smooth: number
  /** Half width of the square that a pixel is compared with. Pixels. */
  readonly around: number
  /** How many times the difference to the surroundings is added. */
  readonly gain: number
}

/** The mean over the square of 2 × reach + 1 pixels around each pixel; edges repeat. */
export function boxMean({ data, width, height }: GrayImage, reach: number): Uint8Array {
  const mean = new Uint8Array(data.length)
  const columns = new Int32Array(width)
  const area = (2 * reach + 1) ** 2
  const rowAt = (y: number) => Math.min(height - 1, Math.max(0, y)) * width
  for (let y = -reach; y <= reach; y += 1)
    for (let x = 0, row = rowAt(y); x < width; x += 1) columns[x] = (columns[x] as number) + (data[row + x] as number)
  for (let y = 0; y < height; y += 1) {
    let sum = 0
    for (let x = -reach; x <= reach; x += 1) sum += columns[Math.min(width - 1, Math.max(0, x))] as number
    for (let x = 0; x < width; x += 1) {
      mean[y * width + x] = (sum / area + 0.5) | 0
      sum += (columns[Math.min(width - 1, x + reach + 1)] as number) - (columns[Math.max(0, x - reach)] as number)
    }
    const [enters, leaves] = [rowAt(y + reach + 1), rowAt(y - reach)]
    for (let x = 0; x < width; x += 1)
      columns[x] = (columns[x] as number) + (data[enters + x] as number) - (data[leaves + x] as number)
  }
  return mean
}

/** A new picture of the same size; the given one is left as it is. */
export function emphasise(image: GrayImage, { smooth, around, gain }: Emphasis): GrayImage {
  const base = smooth > 0 ? boxMean(image, smooth) : image.data
  const surroundings = boxMean({ ...image, data: base }, around)
  const lifted = new Uint8ClampedArray(base.length)
  for (let at = 0; at < base.length; at += 1) {
    const value = base[at] as number
    lifted[at] = value + gain * (value - (surroundings[at] as number))
  }
  return { width: image.width, height: image.height, data: new Uint8Array(lifted.buffer) }
}
