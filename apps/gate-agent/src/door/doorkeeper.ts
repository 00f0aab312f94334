/**
 * Moves the door as the domain's state machine says, and tells the journal what became of it. A release is asked for only after
 * the decision is on disk; here it is carried out in order with everything else that happens to the door, and it always ends,
 * whether or not anybody remembers. A device that fails is tried again, and until then the door is in state "fault".
 */
import { createDoor, type Door, type DoorEffect, type DoorInput, doorStep, nextTickAt } from '@gatehouse/domain'
import type { DoorDriver } from '@gatehouse/drivers'
import { type Clock, describe, type Logger } from '@gatehouse/runtime'

export interface DoorkeeperSettings {
  readonly driver: DoorDriver
  readonly releaseMs: number
  /** What the door became, for the journal. */
  readonly journal: (state: Door['mode'], detail?: string) => void
  /** The contact saw somebody pass after the release for decision `of`. */
  readonly passed: (of: number) => void
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
}

export interface Doorkeeper {
  /** For the decision with this seq. Returns at once; the pulse follows. */
  release(seq: number): void
  state(): Door['mode']
  counts(): { readonly released: number; readonly refused: number; readonly faults: number }
  run(signal: AbortSignal): Promise<void>
  /** Locks the door and gives the device back. */
  stop(): Promise<void>
}

/** A device out of order is tried again this often. */
const RETRY_MS = 5_000
const IDLE_MS = 60_000

export function createDoorkeeper(settings: DoorkeeperSettings): Doorkeeper {
  const { driver, clock, logger } = settings
  const tally = { released: 0, refused: 0, faults: 0 }
  let door = createDoor({ releaseMs: settings.releaseMs })
  let openedFor: number | undefined
  let turn: Promise<void> = Promise.resolve()
  let underWay = 0
  let retryAtMs = 0
  let wake = new AbortController()

  function take(input: DoorInput): void {
    const before = nextTickAt(door)
    const step = doorStep(door, input, clock.monoMs())
    door = step.state
    if (step.effects.length > 0) enqueue(step.effects)
    if (nextTickAt(door) !== before) wake.abort()
  }

  /** One step after the other; the first of them at once, for a person stands there. */
  function enqueue(effects: readonly DoorEffect[]): void {
    underWay += 1
    const performed = underWay === 1 ? perform(effects) : turn.then(() => perform(effects))
    turn = performed.finally(() => {
      underWay -= 1
    })
  }

  async function perform(effects: readonly DoorEffect[]): Promise<void> {
    for (const effect of effects) {
      try {
        await performOne(effect)
      } catch (error) {
        // The rest of this step did not happen, and the journal must not say so.
        return failed(error)
      }
    }
  }

  async function performOne(effect: DoorEffect): Promise<void> {
    switch (effect.kind) {
      case 'energise':
        await driver.energise()
        tally.released += 1
        return
      case 'deenergise':
        return driver.deenergise()
      case 'journal':
        return noted(() => settings.journal(effect.state, effect.detail))
      case 'passage':
        return noted(() => {
          if (openedFor !== undefined) settings.passed(openedFor)
          openedFor = undefined
        })
      case 'refused':
        tally.refused += 1
    }
  }

  /** A full disk is the journal's trouble; the door itself is well and has to go on. */
  function noted(note: () => void): void {
    try {
      note()
    } catch (error) {
      logger.warn({ problem: describe(error) }, 'what the door did could not be journalled')
    }
  }

  function failed(error: unknown): void {
    tally.faults += 1
    retryAtMs = clock.monoMs() + RETRY_MS
    logger.warn({ driver: driver.name, problem: describe(error) }, 'the door does not answer')
    // The release that was under way is over: nobody was let through by it.
    take({ kind: 'fault', detail: describe(error).slice(0, 200) })
  }

  async function tryAgain(): Promise<void> {
    try {
      await driver.deenergise()
      take({ kind: 'recovered' })
    } catch (error) {
      retryAtMs = clock.monoMs() + RETRY_MS
      logger.warn({ driver: driver.name, problem: describe(error) }, 'the door still does not answer')
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    const forget = driver.onContact?.((contact) => take({ kind: 'contact', open: contact === 'open' }))
    while (!signal.aborted) {
      wake = new AbortController()
      const atMs = door.mode === 'fault' ? retryAtMs : (nextTickAt(door) ?? clock.monoMs() + IDLE_MS)
      await clock.sleep(Math.max(0, atMs - clock.monoMs()), AbortSignal.any([signal, wake.signal]))
      // Woken early: something changed, and what is due is reckoned anew.
      if (signal.aborted || clock.monoMs() < atMs) continue
      if (door.mode === 'fault') await tryAgain()
      else take({ kind: 'tick' })
    }
    forget?.()
  }

  return {
    release(seq) {
      openedFor = seq
      take({ kind: 'release' })
    },
    state: () => door.mode,
    counts: () => ({ ...tally }),
    run,
    async stop() {
      take({ kind: 'lock' })
      await turn
      await driver.stop()
    },
  }
}
