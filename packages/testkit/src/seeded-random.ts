/**
 * Chance that can be repeated: the same seed gives the same run on every machine. The generator is sfc32 (Chris Doty-Humphrey,
 * PractRand), good enough to drive simulations and never used for keys.
 */
export interface SeededRandom {
  /** 0 ≤ x < 1 */
  (): number
  /** 0 ≤ n < below */
  int(below: number): number
  pick<T>(list: readonly T[]): T
  /** True with this probability. */
  chance(probability: number): boolean
  /** An independent generator; drawing from it does not disturb this one. */
  fork(): SeededRandom
}

export function seededRandom(seed: number): SeededRandom {
  let a = 0x9e3779b9 | 0
  let b = 0x243f6a88 | 0
  let c = seed | 0
  let counter = Math.floor(seed / 2 ** 32) | 1

  function bits(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }

  for (let warm = 0; warm < 15; warm += 1) bits()
  const random = (() => bits() / 2 ** 32) as SeededRandom
  random.int = (below) => Math.floor(random() * below)
  random.chance = (probability) => random() < probability
  random.fork = () => seededRandom(bits())
  random.pick = (list) => {
    if (list.length === 0) throw new Error('cannot pick from an empty list')
    return list[random.int(list.length)] as (typeof list)[number]
  }
  return random
}

/** A valid lower-case UUID (version 7 layout) made of chance alone. */
export function uuidFrom(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16))
  hex[12] = '7'
  hex[16] = (8 + Math.floor(random() * 4)).toString(16)
  const text = hex.join('')
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}
