/**
 * One gate, put together along the way of a reading: what it remembers, what it senses, what it judges, what it tells. This is
 * the place to look to see what exists. It owns no behaviour of its own; the story of a reading is in `lane.ts`, that of the
 * network in `cloud-side.ts`, and each part that is made here is joined in a file of its name beside this one.
 */
import { randomUUID } from 'node:crypto'
import type { Clock, Logger, Random, Service } from '@gatehouse/runtime'
import { cloudNotes } from './cloud-notes.ts'
import { createCloudSide } from './cloud-side.ts'
import type { GateConfig } from './config.ts'
import { createDuty } from './duty.ts'
import type { Handover } from './handover.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createInstruments } from './instruments.ts'
import { createJudging } from './judging.ts'
import { createLiveStream } from './kiosk-api/live-stream.ts'
import { serveLane } from './lane.ts'
import { createLocalPage, type LocalPage } from './local-page.ts'
import { createReporting } from './reporting.ts'
import { createSensing } from './sensing.ts'
import { stateView } from './state-view.ts'
import { newEpochId, openStores } from './stores.ts'
import { SOFTWARE } from './version.ts'

export interface GateNeeds {
  readonly config: GateConfig
  readonly handover: Handover
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** One line for the terminal: what door and light show where there are none. */
  readonly write: (line: string) => void
  /** Folder of the built staff page. */
  readonly pages: string
}

export interface Gate {
  readonly api: LocalPage['api']
  readonly services: readonly Service[]
  /** After everything has ended. */
  close(): void
}

const DRAIN_MS = 1_000

export async function createGate(needs: GateNeeds): Promise<Gate> {
  const { config, handover, clock, logger } = needs
  const folder = config['data.dir']
  const boot = randomUUID()
  const stores = openStores(folder, clock, logger)
  const { roster, stamped } = stores
  const instruments = createInstruments(clock)
  const { health, counted } = instruments

  // These two are made before those they speak of, and ask for them only when services run and everything is there.
  const live = createLiveStream(() => state())
  const cloud = createCloudSide({
    ...needs,
    ...stores,
    ...cloudNotes({ admit: () => judging.admit, status: () => status, live, counted, logger }),
    about: { software: SOFTWARE, protocol: [1], boot },
    newEpochId,
    config: reportable(config),
    turned: health.beat('loop uplink', 10_000),
  })
  const sensing = createSensing({ ...needs, roster, stamped, onNoCode: () => counted.noCode() })
  const judging = createJudging({ ...needs, stores, boot, cloud, live, instruments })
  const { lane, door } = judging
  const { readings } = sensing
  const status = createReporting({ folder, handover, clock, stores, cloud, door, readings, instruments })
  const state = () => stateView({ handover, stores, cloud, door, instruments })
  const duty = createDuty(judging.admit, { software: SOFTWARE, ...stores.journal.opening })
  const page = await createLocalPage({ ...needs, lane, sensing, state, live, instruments, duty })
  const looked = { ...stores, ...sensing, link: cloud.link, door }
  const housekeeping = createHousekeeping({ stores, badges: sensing.badges, live, instruments, looked, clock })

  return {
    api: page.api,
    // They are drained from the last to the first: nothing new comes in, then the door is locked, then the rest is sent.
    services: [
      { name: 'link', run: (signal) => cloud.link.run(signal) },
      { name: 'uplink', run: (signal) => cloud.run(signal), drain: () => cloud.drain(DRAIN_MS) },
      { name: 'status', run: (signal) => status.run(signal) },
      duty.service,
      ...judging.services,
      { name: 'lane', run: (signal) => serveLane(lane, readings, signal) },
      housekeeping,
      page.service,
      ...sensing.services,
    ],
    close: () => stores.close(),
  }
}

/** Paths of this machine are nobody else's business. */
function reportable(config: GateConfig): Record<string, unknown> {
  const keys = ['door.releaseMs', 'door.driver', 'scan.ble.thresholdDb', 'scan.qr.holdMs', 'log.level'] as const
  return Object.fromEntries(keys.map((key) => [key, config[key]]))
}
