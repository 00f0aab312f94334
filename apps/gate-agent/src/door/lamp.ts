/**
 * Shows the answer on the lane's light for as long as it means something. The driver knows three colours; an exit (blue) is
 * shown green, for it is let through. A light that fails never stops a lane: it is reported and the lane goes on.
 */
import type { Light } from '@gatehouse/domain'
import type { LightColour, LightDriver } from '@gatehouse/drivers'
import { type Clock, describe, type Logger } from '@gatehouse/runtime'

export interface Lamp {
  show(light: Light): void
  counts(): { readonly faults: number }
  stop(): Promise<void>
}

export function createLamp(settings: {
  readonly driver: LightDriver
  readonly clock: Pick<Clock, 'sleep'>
  readonly logger: Pick<Logger, 'warn'>
}): Lamp {
  const { driver, clock, logger } = settings
  let faults = 0
  let showing = new AbortController()

  function turn(colour: LightColour): Promise<void> {
    return driver.show(colour).catch((error: unknown) => {
      faults += 1
      logger.warn({ driver: driver.name, problem: describe(error) }, 'the light does not answer')
    })
  }

  async function showFor(colour: LightColour, forMs: number, { signal }: AbortController): Promise<void> {
    await turn(colour)
    await clock.sleep(forMs, signal)
    if (!signal.aborted) await turn('off')
  }

  return {
    show({ colours, forMs }) {
      showing.abort()
      showing = new AbortController()
      void showFor(driverColour(colours), forMs, showing)
    },
    counts: () => ({ faults }),
    async stop() {
      showing.abort()
      await driver.stop()
    },
  }
}

function driverColour(colours: Light['colours']): LightColour {
  if (colours.includes('red')) return 'red'
  // Green with amber means "let through, but look": amber is the part that must not be missed.
  return colours.includes('amber') ? 'amber' : 'green'
}
