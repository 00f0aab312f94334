/**
 * Hard camera frames for the QR readers, made from a seed: tickets of the product's own length lying, tilting, shaking and
 * glaring in front of a gate, and scenes without any code in which nothing may be read. No picture is stored anywhere.
 */
import { type SeededRandom, seededRandom } from '@gatehouse/testkit'
import QRCode from 'qrcode'
import {
  between,
  blur,
  drawCode,
  fillRectangle,
  glare,
  grain,
  type Modules,
  moved,
  type Picture,
  type Placement,
  scenery,
  toBytes,
} from './qr-picture.ts'

export const CATEGORIES = [
  'clean',
  'rotated',
  'tilted',
  'blurred',
  'moving',
  'noisy',
  'glare',
  'low-contrast',
  'inverted',
  'small',
  'combined',
  'clutter',
] as const
export type Category = (typeof CATEGORIES)[number]

export interface QrFrame {
  readonly name: string
  readonly category: Category
  readonly width: number
  readonly height: number
  /** 8-bit gray, one byte per pixel. */
  readonly data: Uint8Array
  /** What must be read; undefined where there is no code. */
  readonly text: string | undefined
}

export const VGA = { width: 640, height: 480 } as const
export const HD = { width: 1280, height: 720 } as const

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** A text as long and as random as a signed ticket: 148 characters, QR version 6-M, 41 modules. */
const ticketText = (random: SeededRandom): string =>
  `GT1:${Array.from({ length: 144 }, () => CROCKFORD[random.int(32)]).join('')}`

function modulesOf(text: string): Modules {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules
  return { size, isDark: (column, row) => data[row * size + column] === 1 }
}

interface Scene {
  readonly random: SeededRandom
  readonly picture: Picture
  readonly modules: Modules
  /** An easy placement, from which the category takes its own. */
  readonly easy: Placement
}

/** Places and draws the code, and gives the placement back for what comes after. */
function draw({ picture, modules, easy }: Scene, change: Partial<Placement> = {}): Placement {
  const placement = { ...easy, ...change }
  drawCode(picture, modules, placement)
  return placement
}

const turned = (random: SeededRandom) => ({ rotation: between(random, 0, 360) })
const tilted = (random: SeededRandom, from: number, to: number) => ({
  tilt: between(random, from, to),
  tiltAxis: between(random, 0, 360),
})

/** A reflection that touches the code and burns out about a tenth of it. */
function glareOn(scene: Scene, placement: Placement, strength: number): void {
  const width = scene.modules.size * placement.pixelsPerModule
  const [x, y] = [between(scene.random, -0.35, 0.35), between(scene.random, -0.35, 0.35)]
  const at = { x: placement.centreX + x * width, y: placement.centreY + y * width }
  glare(scene.picture, { ...at, radius: between(scene.random, 0.1, 0.2) * width, strength })
}

function combined(scene: Scene): Picture {
  const { random } = scene
  const dark = between(random, 30, 80)
  const print = { dark, light: dark + between(random, 70, 120), pixelsPerModule: scene.easy.pixelsPerModule * 0.9 }
  const placement = draw(scene, { ...turned(random), ...tilted(random, 10, 35), ...print })
  glareOn(scene, placement, between(random, 20, 60))
  const soft = blur(scene.picture, between(random, 0.2, 0.3) * placement.pixelsPerModule)
  const shaken = moved(soft, between(random, 0.2, 0.5) * placement.pixelsPerModule, between(random, 0, 180))
  grain(shaken, between(random, 6, 14), random)
  return shaken
}

/** Things that look like parts of a code: finder-like rings, bars, rows of letters, chequers. Never a code. */
function clutter({ random, picture }: Scene): Picture {
  const { width, height } = picture
  for (let ring = 0; ring < 2; ring += 1) {
    const [x, y, unit] = [random() * width * 0.8, random() * height * 0.7, between(random, 3, 8)]
    for (const [inset, level] of [
      [0, 20],
      [1, 235],
      [2, 20],
    ] as const)
      fillRectangle(
        picture,
        { x: x + inset * unit, y: y + inset * unit, w: (7 - 2 * inset) * unit, h: (7 - 2 * inset) * unit },
        level,
      )
  }
  const left = random() * width * 0.6
  for (let bar = 0, x = left; bar < 60; bar += 1, x += between(random, 2, 9))
    fillRectangle(picture, { x, y: height * 0.1, w: between(random, 1, 4), h: height * 0.2 }, bar % 2 ? 30 : 225)
  const [unit, top] = [between(random, 3, 7), height * between(random, 0.4, 0.6)]
  for (let cell = 0; cell < 900; cell += 1)
    fillRectangle(
      picture,
      { x: left + (cell % 30) * unit, y: top + Math.floor(cell / 30) * unit, w: unit, h: unit },
      random.chance(0.5) ? 25 : 230,
    )
  grain(picture, between(random, 1, 15), random)
  return picture
}

const paint: Readonly<Record<Category, (scene: Scene) => Picture>> = {
  clean: (scene) => (draw(scene), scene.picture),
  rotated: (scene) => (draw(scene, turned(scene.random)), scene.picture),
  tilted: (scene) => (draw(scene, { ...turned(scene.random), ...tilted(scene.random, 26, 54) }), scene.picture),
  blurred: (scene) =>
    blur(scene.picture, between(scene.random, 0.25, 0.55) * draw(scene, turned(scene.random)).pixelsPerModule),
  moving: (scene) => {
    const { pixelsPerModule } = draw(scene, turned(scene.random))
    return moved(scene.picture, between(scene.random, 0.6, 1.3) * pixelsPerModule, between(scene.random, 0, 180))
  },
  noisy: (scene) => {
    draw(scene, turned(scene.random))
    grain(scene.picture, between(scene.random, 20, 45), scene.random)
    return scene.picture
  },
  glare: (scene) => {
    glareOn(scene, draw(scene, turned(scene.random)), between(scene.random, 150, 300))
    return scene.picture
  },
  'low-contrast': (scene) => {
    const dark = between(scene.random, 60, 160)
    draw(scene, { ...turned(scene.random), dark, light: dark + between(scene.random, 22, 45) })
    grain(scene.picture, between(scene.random, 1, 3), scene.random)
    return scene.picture
  },
  inverted: (scene) => {
    draw(scene, { ...turned(scene.random), dark: scene.easy.light, light: scene.easy.dark })
    return scene.picture
  },
  small: (scene) => {
    draw(scene, { ...turned(scene.random), pixelsPerModule: between(scene.random, 1.8, 2.6) })
    grain(scene.picture, between(scene.random, 1, 4), scene.random)
    return scene.picture
  },
  combined,
  clutter,
}

/** One frame of the category; the same seed, number and size give the same bytes everywhere. */
export function makeFrame(
  category: Category,
  seed: number,
  number: number,
  size: { width: number; height: number },
): QrFrame {
  const random = seededRandom(seed * 1_000_003 + CATEGORIES.indexOf(category) * 10_007 + number)
  const { width, height } = size
  const text = ticketText(random)
  const easy: Placement = {
    pixelsPerModule: between(random, 3.5, height > 500 ? 8 : 6),
    rotation: between(random, -4, 4),
    tilt: 0,
    tiltAxis: 0,
    dark: between(random, 10, 50),
    light: between(random, 190, 245),
    quiet: between(random, 2.5, 5),
    centreX: width * between(random, 0.42, 0.58),
    centreY: height * between(random, 0.46, 0.54),
  }
  const picture = paint[category]({ random, picture: scenery(width, height, random), modules: modulesOf(text), easy })
  const name = `${category} ${number} (seed ${seed}, ${width}×${height})`
  return { name, category, width, height, data: toBytes(picture), text: category === 'clutter' ? undefined : text }
}

/** `perCategory` frames of each category, alternating VGA and 720p, one at a time so that memory stays small. */
export function* makeFrames(seed: number, perCategory: number): Generator<QrFrame, void> {
  for (const category of CATEGORIES)
    for (let number = 0; number < perCategory; number += 1)
      yield makeFrame(category, seed, number, number % 2 ? HD : VGA)
}
