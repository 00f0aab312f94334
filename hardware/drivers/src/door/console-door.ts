/**
 * A door that exists only as a line on the terminal, one per change: for the demo venue and for trying a gate on a desk.
 */
import type { DoorDriver } from './driver.ts'

export interface ConsoleDoorSettings {
  /** What the line begins with, usually the gate's name. */
  readonly gate: string
  /** Takes one line without its end. */
  readonly write: (line: string) => void
}

export function createConsoleDoor({ gate, write }: ConsoleDoorSettings): DoorDriver {
  let energised = false
  const turn = async (wanted: boolean) => {
    if (energised === wanted) return
    energised = wanted
    write(`${gate}  door ${wanted ? 'released' : 'locked'}`)
  }
  return {
    name: 'console',
    energise: () => turn(true),
    deenergise: () => turn(false),
    stop: () => turn(false),
  }
}
