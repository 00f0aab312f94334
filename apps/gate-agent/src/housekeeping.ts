/**
 * What a gate does now and then beside its readings: badges that are near are noticed, monitoring's numbers are carried over,
 * pages get a sign of life, and files are tidied in small portions. One loop, so that none of it competes with another.
 */
import type { Clock, Service } from '@gatehouse/runtime'
import type { Looked } from './health/gate-metrics.ts'
import type { Instruments } from './instruments.ts'
import type { LiveStream } from './kiosk-api/live-stream.ts'
import type { BadgeWatch } from './scan/badges.ts'
import type { Stores } from './stores.ts'

export interface HouseNeeds {
  readonly stores: Stores
  readonly badges: Pick<BadgeWatch, 'tick'>
  readonly live: Pick<LiveStream, 'heartbeat'>
  readonly instruments: Pick<Instruments, 'health' | 'counted'>
  /** What monitoring's numbers are read from. */
  readonly looked: Looked
  readonly clock: Pick<Clock, 'sleep'>
}

/** The pace at which badges are judged to be near. */
const TURN_MS = 500
/** Acknowledged entries are kept so long, for questions at the gate. */
const KEEP_MS = 24 * 3_600_000
/** In turns: a second, a second (between the looks), four seconds, a minute, ten minutes. */
const EVERY = { look: 2, tidy: 2, heartbeat: 8, checkpoint: 120, compact: 1_200 }

export function createHousekeeping({ stores, badges, live, instruments, looked, clock }: HouseNeeds): Service {
  const { journal, roster, stamped } = stores

  function turn(count: number): void {
    badges.tick()
    if (count % EVERY.look === 1) instruments.counted.look(looked)
    if (count % EVERY.tidy === 0) roster.tidy()
    if (count % EVERY.heartbeat === 0) live.heartbeat()
    if (count % EVERY.checkpoint === 0) journal.checkpoint()
    if (count % EVERY.compact === 0) journal.compact(stamped.now() - KEEP_MS)
  }

  return {
    name: 'housekeeping',
    async run(signal) {
      const turned = instruments.health.beat('loop housekeeping', 5_000)
      for (let count = 1; !signal.aborted; count += 1) {
        turned()
        turn(count)
        await clock.sleep(TURN_MS, signal)
      }
    },
  }
}
