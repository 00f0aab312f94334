/**
 * The beginning of the data path: what cameras, folders and radios bring becomes readings in one bounded queue, from which
 * the lane takes. It promises that a source that fails or floods costs its own readings only; who does not get an answer
 * shows the code again. It knows nothing of decisions, but that an admitted badge keeps quiet for a while.
 */
import type { CredentialKey, Presented } from '@gatehouse/domain'
import { type BeaconSource, createQrDecoder, type QrDecoder, type QrImage } from '@gatehouse/drivers'
import {
  type BoundedQueue,
  type Clock,
  createBoundedQueue,
  type Logger,
  type Service,
  untilAborted,
} from '@gatehouse/runtime'
import type { GateConfig } from './config.ts'
import { openBeaconSources } from './devices.ts'
import type { Handover } from './handover.ts'
import type { Waiting } from './lane.ts'
import { type BadgeWatch, createBadgeWatch } from './scan/badges.ts'
import { presentQr } from './scan/present-qr.ts'
import { watchQrFolder } from './scan/qr-folder.ts'
import { watchQrPipe } from './scan/qr-pipe.ts'
import type { RosterStore } from './store/ports.ts'

export interface SensingNeeds {
  readonly config: GateConfig
  readonly handover: Pick<Handover, 'event' | 'pepper' | 'badgeKey'>
  readonly roster: Pick<RosterStore, 'rules' | 'byCredential'>
  readonly clock: Clock
  readonly stamped: Pick<Clock, 'now' | 'monoMs'>
  readonly logger: Logger
  /** A picture in which no code was found. */
  readonly onNoCode: () => void
}

export interface Sensing {
  readonly readings: BoundedQueue<Waiting>
  readonly decoder: QrDecoder
  readonly badges: BadgeWatch
  readonly sources: readonly BeaconSource[]
  /** What the text of a QR code presents, for whoever has it from elsewhere. */
  present(text: string): Presented
  readonly services: readonly Service[]
}

/** Readings that may wait while one is served; a person whose reading gave way shows it again. */
const READINGS = 64

export function createSensing(needs: SensingNeeds): Sensing {
  const readings = createBoundedQueue<Waiting>({ size: READINGS, whenFull: 'drop-oldest' })
  const decoder = createQrDecoder({ logger: needs.logger })
  const present = presentationOf(needs)
  const onText = (text: string) => void readings.push({ brought: { presented: present(text), via: 'qr' } })
  const badges = badgesInto(readings, needs)
  const sources = openBeaconSources(needs.config, needs.clock, needs.logger)
  return {
    readings,
    decoder,
    badges,
    sources,
    present,
    services: [
      { name: 'decoder', run: untilAborted, stop: () => decoder.stop() },
      ...folderScanner(needs, decoder, onText),
      ...cameraScanner(needs, decoder, onText),
      ...sources.map((source) => listening(source, badges)),
      ...(sources.length > 0 ? [learning(badges, needs.clock)] : []),
    ],
  }
}

function presentationOf({ handover, roster, stamped }: SensingNeeds): (text: string) => Presented {
  const { event, pepper } = handover
  return (text) => {
    const rules = roster.rules()
    // Without rules nothing is known about keys; with rules that name none, every key is unknown.
    const ticketKeys = rules && (rules.ticketKeys ?? [])
    return presentQr(text, { event, pepper, ticketKeys, at: stamped.now() })
  }
}

function badgesInto(readings: BoundedQueue<Waiting>, { config, handover, roster, stamped }: SensingNeeds): BadgeWatch {
  const badges = createBadgeWatch({
    pepper: handover.pepper,
    badgeKey: handover.badgeKey,
    proximity: { thresholdDb: config['scan.ble.thresholdDb'] },
    rollingBadges: () => roster.rules()?.rollingBadges,
    isKnown: (key) => roster.byCredential(key) !== undefined,
    onNear,
    clock: stamped,
  })

  function onNear(key: CredentialKey, rssi: number): void {
    readings.push({
      brought: { presented: { kind: 'credential', of: 'badge', key }, via: 'ble', rssi },
      answered: ({ decision }) => {
        if (decision.outcome === 'admit') badges.admitted(key)
      },
    })
  }

  return badges
}

type OnText = (text: string) => void

function folderScanner(needs: SensingNeeds, decoder: QrDecoder, onText: OnText): Service[] {
  const { config, clock, logger, onNoCode } = needs
  const folder = config['scan.qr.folder']
  if (!folder) return []
  const decode = (file: Uint8Array) => decoder.decodeFile(file)
  const watched = { folder, decode, onText, onNothing: onNoCode, clock, logger }
  return [{ name: 'qr folder', run: (signal) => watchQrFolder(watched, signal) }]
}

function cameraScanner({ config, clock }: SensingNeeds, decoder: QrDecoder, onText: OnText): Service[] {
  const { 'scan.qr.pipe': path, 'scan.qr.width': width, 'scan.qr.height': height, 'scan.qr.holdMs': holdMs } = config
  if (!path) return []
  const decode = (image: QrImage) => decoder.decode(image)
  const watched = { path, width, height, holdMs, decode, onText, clock }
  return [{ name: 'qr pipe', run: (signal) => watchQrPipe(watched, signal) }]
}

/** A source that has said all it had (a recording) is not begun again. */
function listening(source: BeaconSource, badges: BadgeWatch): Service {
  return {
    name: `badges ${source.name}`,
    async run(signal) {
      for await (const advertisement of source.advertisements(signal)) badges.hear(advertisement)
      await untilAborted(signal)
    },
  }
}

/** While ids are missing, and between looks when none is. A portion takes about 5 ms, so this is a tenth of the processor at most. */
const LEARN_MS = { missing: 50, whole: 1_000 }

/** The ids that rolling badges will send are computed ahead; fifty thousand badges take a quarter of a minute per step. */
function learning(badges: BadgeWatch, clock: Clock): Service {
  return {
    name: 'rolling badges',
    async run(signal) {
      while (!signal.aborted) await clock.sleep(badges.learn() ? LEARN_MS.whole : LEARN_MS.missing, signal)
    },
  }
}
