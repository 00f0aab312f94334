/**
 * A light that exists only as a line on the terminal, one per change. Each colour has its shape too, for terminals and eyes
 * without colour.
 */
import type { LightColour, LightDriver } from './driver.ts'

const SHAPES: Readonly<Record<LightColour, string>> = { green: '● green', red: '■ red', amber: '▲ amber', off: '○ off' }

/** `write` takes one line without its end. */
export function createConsoleLight({ gate, write }: { gate: string; write: (line: string) => void }): LightDriver {
  let shown: LightColour = 'off'
  const show = async (colour: LightColour) => {
    if (shown === colour) return
    shown = colour
    write(`${gate}  light ${SHAPES[colour]}`)
  }
  return { name: 'console', show, stop: () => show('off') }
}
