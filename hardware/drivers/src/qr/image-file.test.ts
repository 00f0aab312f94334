import fc from 'fast-check'
import { encode as encodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { IMAGE_LIMITS } from './image.ts'
import { decodeImageFile, readFileHeader } from './image-file.ts'

function png(width: number, height: number): Buffer {
  const picture = new PNG({ width, height })
  picture.data.fill(200)
  return PNG.sync.write(picture)
}
/** A small PNG whose header claims another size or kind; nothing after the header is changed. */
function claiming(change: (header: Buffer) => void): Buffer {
  const bytes = png(32, 32)
  change(bytes)
  return bytes
}
const jpeg = encodeJpeg({ width: 32, height: 40, data: Buffer.alloc(32 * 40 * 4, 90) }, 90).data

describe('image files', () => {
  test('their size is read from the header of PNG and JPEG', () => {
    expect(readFileHeader(png(40, 30))).toMatchObject({ value: { kind: 'png', width: 40, height: 30 } })
    expect(readFileHeader(jpeg)).toMatchObject({ value: { kind: 'jpeg', width: 32, height: 40 } })
  })

  test('a small file that declares an enormous picture is refused by its header alone', () => {
    expect(readFileHeader(claiming((bytes) => bytes.writeUInt32BE(50_000, 16)))).toMatchObject({
      code: 'image-too-large',
    })
    const bomb = Buffer.from(jpeg)
    const frame = bomb.findIndex((byte, at) => byte === 0xff && (bomb[at + 1] === 0xc0 || bomb[at + 1] === 0xc2))
    bomb.writeUInt16BE(65_000, frame + 5)
    expect(readFileHeader(bomb)).toMatchObject({ code: 'image-too-large' })
  })

  test('interlaced PNG, too large files, empty and foreign files each have their code', () => {
    expect(readFileHeader(claiming((bytes) => bytes.writeUInt8(1, 28)))).toMatchObject({ code: 'file-interlaced' })
    expect(readFileHeader(new Uint8Array(IMAGE_LIMITS.maxFileBytes + 1))).toMatchObject({ code: 'file-too-large' })
    expect(readFileHeader(new Uint8Array(0))).toMatchObject({ code: 'file-format' })
    expect(readFileHeader(Buffer.from('GIF89a'))).toMatchObject({ code: 'file-format' })
    expect(readFileHeader(png(8, 8))).toMatchObject({ code: 'image-too-small' })
  })

  test('what is transparent counts as white paper', () => {
    const picture = new PNG({ width: 24, height: 24 })
    const gray = decodeImageFile(PNG.sync.write(picture))
    expect(gray.ok && gray.value.data.every((level) => level === 255)).toBe(true)
  })

  test('any bytes, and any damage to a good file, are answered and never thrown', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(png(32, 32), jpeg),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
        fc.nat(500),
      )
      .map(([file, changes, length]) => {
        const bytes = Buffer.from(file.subarray(0, Math.max(length, 20)))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        const gray = decodeImageFile(bytes)
        if (gray.ok) expect(gray.value.data.length).toBe(gray.value.width * gray.value.height)
      }),
    )
  })
})
