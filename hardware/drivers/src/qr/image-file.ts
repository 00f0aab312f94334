/**
 * PNG and JPEG files on their way to the QR readers. The header is read by hand first, so that a small file that declares, or
 * would unpack to, an enormous picture is refused before a decoder sees it; a damaged file is an ordinary answer, not a throw.
 */
import { decode as decodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import { type GrayImage, IMAGE_LIMITS, refuseSize, toGray } from './image.ts'
import { type Accepted, refuse } from './refusal.ts'

interface FileHeader {
  readonly kind: 'png' | 'jpeg'
  readonly width: number
  readonly height: number
  /** pngjs unpacks interlaced pictures without a limit on the result, so those are not taken. */
  readonly interlaced: boolean
}

const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52] as const
const startsWith = (bytes: Uint8Array, start: readonly number[]) => start.every((byte, at) => bytes[at] === byte)
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function pngHeader(bytes: Uint8Array): Accepted<FileHeader> {
  if (bytes.length < 33) return refuse('file-damaged')
  const view = viewOf(bytes)
  const value = {
    kind: 'png',
    width: view.getUint32(16),
    height: view.getUint32(20),
    interlaced: bytes[28] !== 0,
  } as const
  return { ok: true, value }
}

/** Walks the JPEG's segments to its frame header (SOF0, 1 or 2); each step moves at least two bytes on. */
function jpegHeader(bytes: Uint8Array): Accepted<FileHeader> {
  const view = viewOf(bytes)
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return refuse('file-damaged')
    const marker = bytes[at + 1] ?? 0
    if (marker >= 0xc0 && marker <= 0xc2) {
      const value = {
        kind: 'jpeg',
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        interlaced: false,
      } as const
      return { ok: true, value }
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  return refuse('file-damaged')
}

/** What the file says it is. Exported for the tests of the header walls. */
export function readFileHeader(bytes: Uint8Array): Accepted<FileHeader> {
  if (bytes.length > IMAGE_LIMITS.maxFileBytes) return refuse('file-too-large')
  const header = startsWith(bytes, PNG_START)
    ? pngHeader(bytes)
    : startsWith(bytes, [0xff, 0xd8, 0xff])
      ? jpegHeader(bytes)
      : refuse('file-format')
  if (!header.ok) return header
  const size = refuseSize(header.value.width, header.value.height)
  if (size) return refuse(size)
  return header.value.interlaced ? refuse('file-interlaced') : header
}

function decodePixels(kind: 'png' | 'jpeg', bytes: Uint8Array): { width: number; height: number; data: Uint8Array } {
  if (kind === 'png') return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return decodeJpeg(bytes, { useTArray: true, maxResolutionInMP: 17, maxMemoryUsageInMB: 512 })
}

/** The picture of a PNG or JPEG file in gray, or the code of what is wrong with the file. */
export function decodeImageFile(bytes: Uint8Array): Accepted<GrayImage> {
  const header = readFileHeader(bytes)
  if (!header.ok) return header
  try {
    const { width, height, data } = decodePixels(header.value.kind, bytes)
    if (data.length !== width * height * 4) return refuse('file-damaged')
    return { ok: true, value: toGray({ width, height, data, format: 'rgba' }) }
  } catch {
    // Both decoders throw plain errors on damaged input; which byte was wrong helps nobody at a gate.
    return refuse('file-damaged')
  }
}
