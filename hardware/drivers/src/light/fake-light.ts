/**
 * A light for tests: it remembers what it showed.
 */
import type { LightColour, LightDriver } from './driver.ts'

export interface FakeLight extends LightDriver {
  /** Every change, in order. */
  readonly changes: readonly LightColour[]
}

export function createFakeLight(): FakeLight {
  const changes: LightColour[] = []
  const show = async (colour: LightColour) => {
    if ((changes.at(-1) ?? 'off') !== colour) changes.push(colour)
  }
  return { name: 'fake', changes, show, stop: () => show('off') }
}
