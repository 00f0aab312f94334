/**
 * When this gate is on duty. The journal says when it began and when it ended in order, so that a gap without an end tells of
 * a power cut; between the two the gate is ready.
 */
import { type Service, untilAborted } from '@gatehouse/runtime'
import type { Admit } from './admit/admit.ts'

export interface Duty {
  readonly service: Service
  /** Between the journalled start and the end. */
  isServing(): boolean
}

/** `started` is written with the start: the release, and what was found wrong with the journal. */
export function createDuty(admit: Pick<Admit, 'system'>, started: Readonly<Record<string, unknown>>): Duty {
  let isServing = false
  return {
    isServing: () => isServing,
    service: {
      name: 'journal',
      async run(signal) {
        admit.system('start', started)
        isServing = true
        await untilAborted(signal)
      },
      async drain() {
        isServing = false
        admit.system('stop')
      },
    },
  }
}
