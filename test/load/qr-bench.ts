/**
 * How many hard frames the gate's QR decoder reads, and how fast. The figure is what `createQrDecoder` answers, worker and all; the
 * raw limit is the share that anything at hand could read given all the time it wants: both libraries, both looks, every
 * reader option and a doubled picture.
 */
import { createQrDecoder } from '@gatehouse/drivers'
import type { GrayImage } from '@gatehouse/drivers/qr/image.ts'
import {
  LOOKS,
  type Look,
  openScriptReader,
  openWasmReader,
  packagedWasm,
  type ReadQr,
} from '@gatehouse/drivers/qr/readers.ts'
import { type BenchResult, countOption, quantile, rounded } from './bench.ts'
import { CATEGORIES, type Category, makeFrames, type QrFrame } from './qr-frames.ts'

export const about = 'share of hard camera frames that are read, and ms per frame (--frames per category, --seed)'

/** Twice the width and height, between pixels linearly. Too slow for a gate, good for knowing what is possible. */
function doubled({ width, height, data }: GrayImage): GrayImage {
  const bigger = new Uint8Array(width * height * 4)
  const at = (x: number, y: number) => data[Math.min(height - 1, y) * width + Math.min(width - 1, x)] ?? 0
  for (let y = 0; y < 2 * height; y += 1)
    for (let x = 0; x < 2 * width; x += 1) {
      const [left, top] = [x >> 1, y >> 1]
      const [right, bottom] = [left + (x & 1), top + (y & 1)]
      bigger[y * 2 * width + x] = (at(left, top) + at(right, top) + at(left, bottom) + at(right, bottom)) >> 2
    }
  return { width: 2 * width, height: 2 * height, data: bigger }
}

/** Every combination of preparation and reader option worth a name. */
function everyLook(): Look[] {
  const options = LOOKS[0]?.options ?? {}
  const variants = (['LocalAverage', 'GlobalHistogram', 'FixedThreshold'] as const).flatMap((binarizer) =>
    [2, 3].flatMap((downscaleFactor) =>
      [false, true].map((tryDenoise) => ({ ...options, binarizer, downscaleFactor, tryDenoise })),
    ),
  )
  const emphases = [0, 1].flatMap((smooth) => [2, 3, 4, 5].map((around) => ({ smooth, around, gain: 2 })))
  return [
    ...variants.map((variant) => ({ options: variant })),
    ...variants.slice(0, 4).flatMap((variant) => emphases.map((emphasis) => ({ options: variant, emphasis }))),
  ]
}

async function openBestKnown(): Promise<ReadQr> {
  const thorough = await openWasmReader(packagedWasm(), everyLook())
  return async (image) => (await thorough(image)) ?? thorough(doubled(image))
}

/** What one decoder did on all frames. */
interface Tally {
  readonly ms: Map<Category, number[]>
  readonly right: Map<Category, Set<string>>
  wrong: number
}

const newTally = (): Tally => ({ ms: new Map(), right: new Map(), wrong: 0 })

async function attempt(tally: Tally, frame: QrFrame, read: ReadQr): Promise<void> {
  const started = performance.now()
  const text = await read(frame)
  const tookMs = performance.now() - started
  tally.ms.set(frame.category, [...(tally.ms.get(frame.category) ?? []), tookMs])
  const right = tally.right.get(frame.category) ?? new Set()
  if (text !== undefined && text === frame.text) tally.right.set(frame.category, right.add(frame.name))
  else if (text !== undefined) tally.wrong += 1
}

const rightOf = (tally: Tally): Set<string> => new Set([...tally.right.values()].flatMap((names) => [...names]))
const percent = (part: number, whole: number): number => rounded((100 * part) / whole)
const span = (ms: readonly number[]) => ({ medianMs: rounded(quantile(ms, 0.5)), p95Ms: rounded(quantile(ms, 0.95)) })

function summary(tally: Tally, perCategory: number) {
  const withCode = CATEGORIES.filter((category) => category !== 'clutter')
  const byCategory = CATEGORIES.map((category) => {
    const decoded =
      category === 'clutter' ? {} : { decodedPct: percent(tally.right.get(category)?.size ?? 0, perCategory) }
    return [category, { ...decoded, ...span(tally.ms.get(category) ?? []) }] as const
  })
  return {
    decodedPct: percent(rightOf(tally).size, withCode.length * perCategory),
    wrong: tally.wrong,
    ...span(withCode.flatMap((category) => tally.ms.get(category) ?? [])),
    withoutCode: span(tally.ms.get('clutter') ?? []),
    categories: Object.fromEntries(byCategory),
  }
}

async function readAll(seed: number, perCategory: number) {
  const decoder = createQrDecoder()
  const tallies = { gate: newTally(), fallback: newTally(), best: newTally() }
  const [script, best] = [await openScriptReader(), await openBestKnown()]
  const gate: ReadQr = (frame) => decoder.decode({ ...frame, format: 'gray8' })
  // The first frame pays for starting the worker; that belongs to the start of a gate, not to a frame.
  await gate({ width: 64, height: 64, data: new Uint8Array(64 * 64) })
  let done = 0
  for (const frame of makeFrames(seed, perCategory)) {
    await attempt(tallies.gate, frame, gate)
    await attempt(tallies.fallback, frame, script)
    if (!rightOf(tallies.gate).has(frame.name) && frame.text) await attempt(tallies.best, frame, best)
    done += 1
    if (done % perCategory === 0) process.stderr.write(`qr: ${frame.category}, ${done} frames\n`)
  }
  await decoder.stop()
  return tallies
}

export async function run(args: readonly string[]): Promise<BenchResult> {
  const [perCategory, seed] = [countOption(args, 'frames', 40), countOption(args, 'seed', 1)]
  const { gate, fallback, best } = await readAll(seed, perCategory)
  const total = (CATEGORIES.length - 1) * perCategory
  const union = new Set([gate, fallback, best].flatMap((tally) => [...rightOf(tally)]))
  const figure = percent(rightOf(gate).size, total)
  const rawLimit = percent(union.size, total)
  return {
    bench: 'qr',
    unit: '% decoded',
    figure,
    rawLimit,
    ratio: rounded(figure / rawLimit, 3),
    goal: '>= 95 % decoded, 0 wrong',
    met: figure >= 95 && gate.wrong === 0,
    frames: total,
    framesWithoutCode: perCategory,
    seed,
    wrong: gate.wrong,
    zxingWasm: summary(gate, perCategory),
    zxingLibrary: summary(fallback, perCategory),
  }
}
