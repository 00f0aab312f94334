import { openScriptReader, openWasmReader, packagedWasm } from '@gatehouse/drivers/qr/readers.ts'
import { describe, expect, test } from 'vitest'
import { CATEGORIES, type Category, HD, makeFrame, VGA } from './qr-frames.ts'

const SEED = 10
const PER_CATEGORY = 4
const framesOf = (category: Category) =>
  Array.from({ length: PER_CATEGORY }, (_, number) => makeFrame(category, SEED, number, VGA))

/** All four, and each look of the reader is needed for that. */
const MINIMUM: Readonly<Record<Category, number>> = {
  clean: 4,
  rotated: 4,
  tilted: 4,
  blurred: 4,
  moving: 4,
  noisy: 4,
  glare: 4,
  'low-contrast': 4,
  inverted: 4,
  small: 4,
  combined: 4,
  clutter: 0,
}

describe('the hard frames', () => {
  test('are the same bytes for the same seed and others for another', () => {
    const [frame, again, other] = [2026, 2026, 2027].map((seed) => makeFrame('combined', seed, 1, VGA))
    expect(again).toEqual(frame)
    expect(other?.text).not.toBe(frame?.text)
    expect(frame?.text).toMatch(/^GT1:[0-9A-HJKMNP-TV-Z]{144}$/)
  })

  test.each(CATEGORIES)('%s: zxing-wasm reads at least as many as it did, and nothing wrong', async (category) => {
    const read = await openWasmReader(packagedWasm())
    const frames = framesOf(category)
    const texts = await Promise.all(frames.map(read))
    const right = texts.filter((text, at) => text !== undefined && text === frames[at]?.text)
    expect(texts.filter((text) => text !== undefined)).toHaveLength(right.length)
    expect(right.length).toBeGreaterThanOrEqual(MINIMUM[category])
  })

  test('the global threshold finds a small code that the local one misses', async () => {
    const frame = makeFrame('small', 1, 9, HD)
    expect(await (await openWasmReader(packagedWasm()))(frame)).toBe(frame.text)
  })

  test('the fallback reads nearly all of the easy ones and nothing wrong', async () => {
    const read = await openScriptReader()
    const frames = (['clean', 'rotated', 'inverted', 'clutter'] as const).flatMap(framesOf)
    const texts = await Promise.all(frames.map(read))
    const right = texts.filter((text, at) => text !== undefined && text === frames[at]?.text)
    expect(texts.filter((text) => text !== undefined)).toHaveLength(right.length)
    expect(right.length).toBeGreaterThanOrEqual(11)
  })
})
