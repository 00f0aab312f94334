/**
 * Gray pictures for the QR frames: a code lying anywhere in space in front of a pinhole camera, on a background of shapes, and
 * then what optics and sensors do to it. Values are 0 to 255 in floats until the very end; chance comes in as an argument.
 */
import type { SeededRandom } from '@gatehouse/testkit'

export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Float32Array
}

/** Square, `true` = dark. */
export interface Modules {
  readonly size: number
  isDark(column: number, row: number): boolean
}

/** Where the code lies and how it is printed; angles in degrees, colours in gray levels. */
export interface Placement {
  readonly pixelsPerModule: number
  readonly rotation: number
  /** Between the paper's normal and the camera's axis. */
  readonly tilt: number
  readonly tiltAxis: number
  readonly dark: number
  readonly light: number
  /** Modules of empty paper around the code. */
  readonly quiet: number
  readonly centreX: number
  readonly centreY: number
}

export const between = (random: SeededRandom, from: number, to: number): number => from + random() * (to - from)
const radians = (degrees: number): number => (degrees * Math.PI) / 180

export function emptyPicture(width: number, height: number, level: number): Picture {
  return { width, height, pixels: new Float32Array(width * height).fill(level) }
}

export function fillRectangle(
  picture: Picture,
  at: { x: number; y: number; w: number; h: number },
  level: number,
): void {
  const [left, right] = [Math.max(0, Math.round(at.x)), Math.min(picture.width, Math.round(at.x + at.w))]
  const bottom = Math.min(picture.height, Math.round(at.y + at.h))
  for (let y = Math.max(0, Math.round(at.y)); y < bottom; y += 1)
    picture.pixels.fill(level, y * picture.width + left, y * picture.width + Math.max(left, right))
}

/** A wall with a gradient and a few posters: something that is not a code but has edges and corners. */
export function scenery(width: number, height: number, random: SeededRandom): Picture {
  const picture = emptyPicture(width, height, 0)
  const [base, slopeX, slopeY] = [between(random, 70, 150), between(random, -60, 60), between(random, -60, 60)]
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      picture.pixels[y * width + x] = base + slopeX * (x / width - 0.5) + slopeY * (y / height - 0.5)
  for (let poster = 0; poster < 12; poster += 1) {
    const size = { w: between(random, 0.05, 0.4) * width, h: between(random, 0.02, 0.3) * height }
    fillRectangle(picture, { x: random() * width, y: random() * height, ...size }, between(random, 30, 220))
  }
  return picture
}

/** The 3×3 matrix that takes module coordinates (centre 0,0) to pixels, row by row; the camera is three widths away. */
function projection(size: number, placement: Placement): number[] {
  const [turn, tilt, axis] = [radians(placement.rotation), radians(placement.tilt), radians(placement.tiltAxis)]
  const distance = 3 * size
  const focal = placement.pixelsPerModule * distance
  const rows = [
    [Math.cos(turn), -Math.sin(turn)],
    [Math.sin(turn), Math.cos(turn)],
  ] as const
  // Tilting about an in-plane axis keeps what lies along it and shortens what lies across it.
  const columns = [0, 1].map((column) => {
    const [x, y] = [rows[0][column as 0 | 1], rows[1][column as 0 | 1]]
    const along = x * Math.cos(axis) + y * Math.sin(axis)
    const across = -x * Math.sin(axis) + y * Math.cos(axis)
    return {
      x: along * Math.cos(axis) - across * Math.cos(tilt) * Math.sin(axis),
      y: along * Math.sin(axis) + across * Math.cos(tilt) * Math.cos(axis),
      z: across * Math.sin(tilt),
    }
  })
  const [a, b] = columns as [{ x: number; y: number; z: number }, { x: number; y: number; z: number }]
  const { centreX, centreY } = placement
  return [
    [focal * a.x + centreX * a.z, focal * b.x + centreX * b.z, centreX * distance],
    [focal * a.y + centreY * a.z, focal * b.y + centreY * b.z, centreY * distance],
    [a.z, b.z, distance],
  ].flat()
}

function invert(m: readonly number[]): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number]
  // The factor 1 / determinant cancels in the perspective division.
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ]
}

/** Draws the code and its paper over the picture, each pixel the mean of 4 × 4 samples. */
export function drawCode(picture: Picture, modules: Modules, placement: Placement): void {
  const back = invert(projection(modules.size, placement)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const half = modules.size / 2
  const reach = Math.ceil((half + placement.quiet) * placement.pixelsPerModule * 1.9)
  const [fromX, toX] = [Math.max(0, placement.centreX - reach), Math.min(picture.width, placement.centreX + reach)].map(
    Math.round,
  )
  const [fromY, toY] = [
    Math.max(0, placement.centreY - reach),
    Math.min(picture.height, placement.centreY + reach),
  ].map(Math.round)
  const sample = (px: number, py: number): number | undefined => {
    const depth = back[6] * px + back[7] * py + back[8]
    const x = (back[0] * px + back[1] * py + back[2]) / depth + half
    const y = (back[3] * px + back[4] * py + back[5]) / depth + half
    const edge = modules.size + placement.quiet
    if (x < -placement.quiet || y < -placement.quiet || x >= edge || y >= edge) return undefined
    const inside = x >= 0 && y >= 0 && x < modules.size && y < modules.size
    return inside && modules.isDark(Math.floor(x), Math.floor(y)) ? placement.dark : placement.light
  }
  for (let y = fromY as number; y < (toY as number); y += 1)
    for (let x = fromX as number; x < (toX as number); x += 1) {
      const at = y * picture.width + x
      const behind = picture.pixels[at] as number
      let sum = 0
      for (let part = 0; part < 16; part += 1)
        sum += sample(x + ((part % 4) + 0.5) / 4, y + ((part >> 2) + 0.5) / 4) ?? behind
      picture.pixels[at] = sum / 16
    }
}

/** Moves a weighted line of taps over the picture; both blurs are made of it. Edges repeat. */
function convolve(picture: Picture, taps: readonly { dx: number; dy: number; weight: number }[]): Picture {
  const { width, height, pixels } = picture
  const result = new Float32Array(pixels.length)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      let sum = 0
      for (const { dx, dy, weight } of taps) {
        const [fromX, fromY] = [Math.min(width - 1, Math.max(0, x + dx)), Math.min(height - 1, Math.max(0, y + dy))]
        sum += weight * (pixels[fromY * width + fromX] as number)
      }
      result[y * width + x] = sum
    }
  return { width, height, pixels: result }
}

/** Out of focus, `sigma` in pixels. */
export function blur(picture: Picture, sigma: number): Picture {
  const reach = Math.ceil(3 * sigma)
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma * sigma)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const line = weights.map((weight, at) => ({ offset: at - reach, weight: weight / total }))
  const across = convolve(
    picture,
    line.map(({ offset, weight }) => ({ dx: offset, dy: 0, weight })),
  )
  return convolve(
    across,
    line.map(({ offset, weight }) => ({ dx: 0, dy: offset, weight })),
  )
}

/** A hand that moves while the shutter is open: `length` pixels in the direction, sub-pixel positions shared between neighbours. */
export function moved(picture: Picture, length: number, direction: number): Picture {
  const weights = new Map<string, number>()
  const steps = Math.max(2, Math.ceil(length * 4))
  for (let step = 0; step < steps; step += 1) {
    const along = (step / (steps - 1) - 0.5) * length
    const [x, y] = [along * Math.cos(radians(direction)), along * Math.sin(radians(direction))]
    const [left, top] = [Math.floor(x), Math.floor(y)]
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const weight = ((1 - Math.abs(x - left - dx)) * (1 - Math.abs(y - top - dy))) / steps
      const key = `${left + dx},${top + dy}`
      weights.set(key, (weights.get(key) ?? 0) + weight)
    }
  }
  const taps = [...weights].map(([key, weight]) => {
    const [dx, dy] = key.split(',').map(Number) as [number, number]
    return { dx, dy, weight }
  })
  return convolve(picture, taps)
}

/** A lamp's reflection: a soft bright ellipse that burns out what is under its middle. */
export function glare(picture: Picture, at: { x: number; y: number; radius: number; strength: number }): void {
  const reach = at.radius * 2.5
  for (let y = Math.max(0, Math.floor(at.y - reach)); y < Math.min(picture.height, at.y + reach); y += 1)
    for (let x = Math.max(0, Math.floor(at.x - reach)); x < Math.min(picture.width, at.x + reach); x += 1) {
      const squared = ((x - at.x) ** 2 + (1.6 * (y - at.y)) ** 2) / at.radius ** 2
      const here = y * picture.width + x
      picture.pixels[here] = (picture.pixels[here] as number) + at.strength * Math.exp(-squared)
    }
}

/** A dark hall: normally distributed noise of the standard deviation on every pixel. */
export function grain(picture: Picture, deviation: number, random: SeededRandom): void {
  for (let at = 0; at < picture.pixels.length; at += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    picture.pixels[at] = (picture.pixels[at] as number) + radius * Math.cos(angle)
    if (at + 1 < picture.pixels.length)
      picture.pixels[at + 1] = (picture.pixels[at + 1] as number) + radius * Math.sin(angle)
  }
}

/** The bytes a camera would deliver: rounded, and cut at black and white. */
export function toBytes(picture: Picture): Uint8Array {
  return new Uint8Array(Uint8ClampedArray.from(picture.pixels).buffer)
}
