/**
 * The frames a QR code is looked for in, and the walls around them: sizes are checked here before anything is allocated for
 * a picture. Every reader downstream works on one shape only, 8-bit gray, one byte per pixel, rows without padding.
 */
import type { RefusalCode } from './refusal.ts'

/** One frame as a source delivers it; `data` holds width × height bytes (gray8) or four times as many (rgba). */
export interface QrImage {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  readonly format: 'gray8' | 'rgba'
}

/** width × height bytes, 0 = black. */
export interface GrayImage {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** The smallest QR code is 21 modules wide; no camera or file we accept is wider or higher than 4096. */
export const IMAGE_LIMITS = { minSide: 21, maxSide: 4096, maxFileBytes: 8 * 1024 * 1024 } as const

export function refuseSize(width: number, height: number): RefusalCode | undefined {
  if (!Number.isInteger(width) || !Number.isInteger(height)) return 'image-shape'
  if (width < IMAGE_LIMITS.minSide || height < IMAGE_LIMITS.minSide) return 'image-too-small'
  if (width > IMAGE_LIMITS.maxSide || height > IMAGE_LIMITS.maxSide) return 'image-too-large'
  return undefined
}

/** Why a frame cannot be looked at, or undefined when it can. */
export function refuseImage(image: QrImage): RefusalCode | undefined {
  const bytesPerPixel = image.format === 'gray8' ? 1 : image.format === 'rgba' ? 4 : 0
  if (bytesPerPixel === 0 || !(image.data instanceof Uint8Array)) return 'image-shape'
  const size = refuseSize(image.width, image.height)
  if (size) return size
  return image.data.length === image.width * image.height * bytesPerPixel ? undefined : 'image-shape'
}

/** Luminance as BT.601 weighs it; what is transparent is taken as printed on white paper. */
export function toGray(image: QrImage): GrayImage {
  const { width, height, data } = image
  if (image.format === 'gray8') return { width, height, data }
  const gray = new Uint8Array(width * height)
  for (let pixel = 0, at = 0; pixel < gray.length; pixel += 1, at += 4) {
    const luminance = (306 * (data[at] ?? 0) + 601 * (data[at + 1] ?? 0) + 117 * (data[at + 2] ?? 0)) >> 10
    const alpha = data[at + 3] ?? 255
    gray[pixel] = alpha === 255 ? luminance : Math.round((luminance * alpha + 255 * (255 - alpha)) / 255)
  }
  return { width, height, data: gray }
}
