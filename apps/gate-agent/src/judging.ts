/**
 * The middle of the data path, joined: a reading is judged and written down (admit), and then door and light tell the person.
 * The order in which that happens is the lane's; here is only who belongs to it, and what the door reports back into the
 * journal.
 */
import { type Clock, type Logger, type Service, untilAborted } from '@gatehouse/runtime'
import { type Admit, createAdmit } from './admit/admit.ts'
import type { CloudSide } from './cloud-side.ts'
import type { GateConfig } from './config.ts'
import { openDoorAndLight } from './devices.ts'
import { createDoorkeeper, type Doorkeeper } from './door/doorkeeper.ts'
import { createLamp } from './door/lamp.ts'
import type { Handover } from './handover.ts'
import type { Instruments } from './instruments.ts'
import type { LiveStream } from './kiosk-api/live-stream.ts'
import { createLane, type Lane } from './lane.ts'
import type { Stores } from './stores.ts'

export interface JudgingNeeds {
  readonly config: GateConfig
  readonly handover: Pick<Handover, 'event' | 'gate' | 'name' | 'lane' | 'direction'>
  readonly stores: Stores
  /** Identity of this run of the program. */
  readonly boot: string
  readonly cloud: Pick<CloudSide, 'isOffline' | 'appended'>
  readonly live: Pick<LiveStream, 'send' | 'heartbeat'>
  readonly instruments: Pick<Instruments, 'decided'>
  readonly clock: Clock
  readonly logger: Logger
  readonly write: (line: string) => void
}

export interface Judging {
  readonly admit: Admit
  readonly door: Doorkeeper
  readonly lane: Lane
  /** Of the devices; the lane itself is served by whoever has the readings. */
  readonly services: readonly Service[]
}

export function createJudging(needs: JudgingNeeds): Judging {
  const { handover, stores, live, clock, logger } = needs
  const { journal, roster, stamped } = stores
  const drivers = openDoorAndLight(needs.config, handover.name, needs.write)
  const admit = admitOf(needs)
  const door = createDoorkeeper({
    driver: drivers.door,
    releaseMs: needs.config['door.releaseMs'],
    journal(state) {
      admit.door(state, handover.lane)
      live.heartbeat()
    },
    passed: (of) => admit.passage(of),
    clock,
    logger,
  })
  const lamp = createLamp({ driver: drivers.light, clock, logger })
  const lane = createLane({
    lane: handover.lane,
    direction: handover.direction === 'exit' ? 'exit' : 'entry',
    admit,
    journal,
    roster,
    door,
    lamp,
    clock: stamped,
    announce: (message) => live.send(message),
    decided: (answer, tookUs) => needs.instruments.decided(answer, tookUs),
  })
  const services: Service[] = [
    { name: 'door', run: (signal) => door.run(signal), drain: () => door.stop() },
    { name: 'light', run: untilAborted, stop: () => lamp.stop() },
  ]
  return { admit, door, lane, services }
}

function admitOf({ stores, handover, boot, cloud }: JudgingNeeds): Admit {
  const { journal, roster, trusted, stamped } = stores
  return createAdmit({
    journal,
    roster,
    clock: stamped,
    boot,
    clockState: () => trusted.state(),
    event: handover.event,
    gate: handover.gate,
    isOffline: () => cloud.isOffline(),
    appended: () => cloud.appended(),
  })
}
