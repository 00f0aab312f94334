/**
 * One gate, put together: which rooms there are and what each is given. This is the place to look to see what exists. It owns
 * no behaviour of its own; the story of a reading is in `lane.ts`, that of the network in `cloud-side.ts`.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CredentialKey, EpochId, Presented } from '@gatehouse/domain'
import {
  type BeaconSource,
  createConsoleDoor,
  createConsoleLight,
  createQrDecoder,
  createReplayBeaconSource,
  createStreamBeaconSource,
  type DoorDriver,
  type LightDriver,
  type QrImage,
} from '@gatehouse/drivers'
import {
  type Clock,
  createBoundedQueue,
  createHealth,
  createMetrics,
  type Logger,
  type Service,
  untilAborted,
} from '@gatehouse/runtime'
import { createAdmit } from './admit/admit.ts'
import { type CloudSide, createCloudSide } from './cloud-side.ts'
import type { GateConfig } from './config.ts'
import { createDoorkeeper } from './door/doorkeeper.ts'
import { createLamp } from './door/lamp.ts'
import type { Handover } from './handover.ts'
import { watchHealth } from './health/checks.ts'
import { createTrustedClock, type KnownTime } from './health/clock-trust.ts'
import { createDecisionTimes } from './health/decision-times.ts'
import { createGateMetrics } from './health/gate-metrics.ts'
import { createStatusReport } from './health/status.ts'
import { createKioskApi } from './kiosk-api/app.ts'
import { createLiveStream } from './kiosk-api/live-stream.ts'
import { createLane, serveLane, type Waiting } from './lane.ts'
import { createBadgeWatch } from './scan/badges.ts'
import { presentQr } from './scan/present-qr.ts'
import { watchQrFolder } from './scan/qr-folder.ts'
import { watchQrPipe } from './scan/qr-pipe.ts'
import { stateView } from './state-view.ts'
import type { JournalStore } from './store/ports.ts'
import { createSqliteJournal } from './store/sqlite-journal.ts'
import { createSqliteRoster } from './store/sqlite-roster.ts'
import { SOFTWARE } from './version.ts'

export interface GateNeeds {
  readonly config: GateConfig
  readonly handover: Handover
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** One line for the terminal: what door and light show where there are none. */
  readonly write: (line: string) => void
  /** Folder of the built staff page. */
  readonly pages: string
}

export interface Gate {
  readonly api: Awaited<ReturnType<typeof createKioskApi>>
  readonly services: readonly Service[]
  /** After everything has ended. */
  close(): void
}

/** Readings that may wait while one is served; a person whose reading gave way shows it again. */
const READINGS = 64
const BADGE_TICK_MS = 500
const DRAIN_MS = 1_000

export async function createGate(needs: GateNeeds): Promise<Gate> {
  const { config, handover, clock, logger } = needs
  const folder = config['data.dir']
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch: newEpochId })
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  if (journal.opening.quarantined) logger.error({ ...journal.opening }, 'the journal was damaged and put aside')
  if (roster.quarantined) logger.error({ path: roster.quarantined }, 'the roster was damaged and put aside')
  const boot = randomUUID()
  const trusted = createTrustedClock(clock, lastKnownTime(journal))
  const health = createHealth(clock)
  const metrics = createMetrics()
  const times = createDecisionTimes()
  const counted = createGateMetrics(metrics)
  const readings = createBoundedQueue<Waiting>({ size: READINGS, whenFull: 'drop-oldest' })
  const decoder = createQrDecoder({ logger })
  const stamped = { now: () => trusted.now(), monoMs: () => clock.monoMs() }
  let appliedAt: number | undefined
  let isServing = false

  const admit = createAdmit({
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
  const door = createDoorkeeper({
    driver: doorDriver(needs),
    releaseMs: config['door.releaseMs'],
    journal: (state) => {
      admit.door(state, handover.lane)
      live.heartbeat()
    },
    passed: (of) => admit.passage(of),
    clock,
    logger,
  })
  const lamp = createLamp({ driver: lightDriver(needs), clock, logger })
  const live = createLiveStream(() => state())
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
    decided(answer, tookUs) {
      times.add(answer.decision.outcome, tookUs)
      counted.decided(answer, tookUs)
    },
  })
  const cloud: CloudSide = createCloudSide({
    ...needs,
    journal,
    roster,
    trusted,
    about: { software: SOFTWARE, protocol: [1], boot },
    newEpochId,
    config: reportable(config),
    onUplinkNote(note) {
      logger.error({ ...note }, 'uplink')
      if (note.what === 'new-epoch') admit.system('new-epoch', { ended: note.ended })
    },
    onFeedNote(note) {
      if (note.what === 'applied') appliedAt = trusted.now()
      else logger.warn({ ...note }, 'feed')
      counted.feed(note.what)
      if (note.what === 'applied') status.changed()
    },
    onLinkChange() {
      live.heartbeat()
      status.changed()
    },
    refused: counted.refused,
    turned: health.beat('loop uplink', 10_000),
  })
  const status = createStatusReport({
    software: SOFTWARE,
    folder,
    clock,
    now: () => trusted.now(),
    unsent: () => journal.unsent(),
    feeds: () => cloud.feeds.positions(),
    clockState: () => trusted.state(),
    checks: () => health.report().checks,
    decisions: () => ({ ...pick(times.totals()), p99Us: times.p99Us() }),
    publish: (own) => cloud.publishStatus(own),
  })
  watchHealth(health, {
    journal,
    roster,
    handover,
    trusted,
    link: cloud.link,
    door,
    readings,
    now: () => trusted.now(),
  })

  /** Without rules nothing is known about keys; with rules that name none, every key is unknown. */
  const ticketKeys = () => {
    const rules = roster.rules()
    return rules && (rules.ticketKeys ?? [])
  }
  const known = (text: string): Presented =>
    presentQr(text, {
      event: handover.event,
      pepper: handover.pepper,
      ticketKeys: ticketKeys(),
      at: trusted.now(),
    })
  const fromScanner = (text: string) => void readings.push({ brought: { presented: known(text), via: 'qr' } })
  const badges = createBadgeWatch({
    pepper: handover.pepper,
    badgeKey: handover.badgeKey,
    proximity: { thresholdDb: config['scan.ble.thresholdDb'] },
    rollingBadges: () => roster.rules()?.rollingBadges,
    isKnown: (key) => roster.byCredential(key) !== undefined,
    onNear: nearBadge,
    clock: stamped,
  })

  function nearBadge(key: CredentialKey, rssi: number): void {
    readings.push({
      brought: { presented: { kind: 'credential', of: 'badge', key }, via: 'ble', rssi },
      answered: ({ decision }) => {
        if (decision.outcome === 'admit') badges.admitted(key)
      },
    })
  }

  function state() {
    return stateView({
      handover,
      roster,
      link: cloud.link,
      door,
      trusted,
      unsent: journal.unsent(),
      marks: journal.marks(),
      totals: times.totals(),
      checks: health.report().checks,
      appliedAt,
    })
  }

  const api = await createKioskApi({
    rooms: {
      state,
      recent: (atMost) => lane.recent(atMost),
      find: (words, atMost) => lane.find(words, atMost),
      checkIn: ({ participant, staff, direction, override }) =>
        lane.serve({
          presented: { kind: 'participant', id: participant },
          via: 'manual',
          staff,
          ...(direction && { direction }),
          ...(override && { override }),
        }),
      undo: (seq, staff, note) => lane.undo(seq, staff, note),
      scanText: (text, at) => lane.serve({ presented: known(text), via: 'qr', ...at }),
      async scanPicture(file, at) {
        const text = await decoder.decodeFile(file)
        return text === undefined ? undefined : lane.serve({ presented: known(text), via: 'qr', ...at })
      },
    },
    live,
    health,
    metrics,
    isReady: () => isServing,
    pages: needs.pages,
    names: config['http.names'],
    logger,
  })

  const sources = beaconSources(needs)
  const services: Service[] = [
    { name: 'link', run: (signal) => cloud.link.run(signal) },
    { name: 'uplink', run: (signal) => cloud.run(signal), drain: () => cloud.drain(DRAIN_MS) },
    { name: 'status', run: (signal) => status.run(signal) },
    {
      name: 'journal',
      async run(signal) {
        admit.system('start', { software: SOFTWARE, ...journal.opening })
        isServing = true
        await untilAborted(signal)
      },
      async drain() {
        isServing = false
        admit.system('stop')
      },
    },
    { name: 'door', run: (signal) => door.run(signal), drain: () => door.stop() },
    { name: 'light', run: untilAborted, stop: () => lamp.stop() },
    { name: 'lane', run: (signal) => serveLane(lane, readings, signal) },
    { name: 'housekeeping', run: (signal) => keepHouse(signal) },
    { name: 'http', run: untilAborted, drain: closeApi },
    { name: 'decoder', run: untilAborted, stop: () => decoder.stop() },
    ...scanners(),
    ...sources.map((source) => ({
      name: `badges ${source.name}`,
      run: (signal: AbortSignal) => listen(source, signal),
    })),
  ]

  async function closeApi(): Promise<void> {
    live.close()
    await api.close()
  }

  function scanners(): Service[] {
    const { 'scan.qr.folder': qrFolder, 'scan.qr.pipe': pipe } = config
    const found: Service[] = []
    const onNothing = () => counted.noCode()
    if (qrFolder) {
      const decode = (file: Uint8Array) => decoder.decodeFile(file)
      const watch = { folder: qrFolder, decode, onText: fromScanner, onNothing, clock, logger }
      found.push({ name: 'qr folder', run: (signal) => watchQrFolder(watch, signal) })
    }
    if (pipe) {
      const frame = {
        width: config['scan.qr.width'],
        height: config['scan.qr.height'],
        holdMs: config['scan.qr.holdMs'],
      }
      const watch = {
        path: pipe,
        ...frame,
        decode: (image: QrImage) => decoder.decode(image),
        onText: fromScanner,
        clock,
      }
      found.push({ name: 'qr pipe', run: (signal) => watchQrPipe(watch, signal) })
    }
    return found
  }

  async function listen(source: BeaconSource, signal: AbortSignal): Promise<void> {
    for await (const advertisement of source.advertisements(signal)) badges.hear(advertisement)
    await untilAborted(signal)
  }

  /** What has to be done now and then, and what monitoring reads. */
  async function keepHouse(signal: AbortSignal): Promise<void> {
    const turned = health.beat('loop housekeeping', 5_000)
    for (let turn = 1; !signal.aborted; turn += 1) {
      turned()
      badges.tick()
      if (turn % 2 === 1) counted.look({ journal, roster, link: cloud.link, readings, decoder, badges, sources, door })
      if (turn % 2 === 0) roster.tidy()
      if (turn % 8 === 0) live.heartbeat()
      if (turn % 120 === 0) journal.checkpoint()
      if (turn % 1_200 === 0) journal.compact(trusted.now() - KEEP_MS)
      await clock.sleep(BADGE_TICK_MS, signal)
    }
  }

  return {
    api,
    services,
    close() {
      journal.close()
      roster.close()
    },
  }
}

/** Acknowledged entries are kept so long, for questions at the gate. */
const KEEP_MS = 24 * 3_600_000

function newEpochId(): EpochId {
  return randomUUID() as EpochId
}

/** The last entry of an earlier run that knew the time. */
function lastKnownTime(journal: JournalStore): KnownTime | undefined {
  const [last] = journal.rows(journal.epoch(), journal.lastSeq(), 1)
  if (!last) return undefined
  const { at, clock } = JSON.parse(last.line) as { at: number; clock: { trust: string } }
  return clock.trust === 'unknown' ? undefined : { at }
}

function doorDriver({ config, handover, write }: GateNeeds): DoorDriver {
  const isShown = config['door.driver'] === 'console'
  return createConsoleDoor({ gate: handover.name, write: isShown ? write : () => undefined })
}

function lightDriver({ config, handover, write }: GateNeeds): LightDriver {
  const isShown = config['door.driver'] === 'console'
  return createConsoleLight({ gate: handover.name, write: isShown ? write : () => undefined })
}

function beaconSources({ config, clock, logger }: GateNeeds): BeaconSource[] {
  const { 'scan.ble.socket': path, 'scan.ble.replay': file } = config
  const found: BeaconSource[] = []
  if (path) found.push(createStreamBeaconSource({ path, logger }))
  if (file) found.push(createReplayBeaconSource({ file, pace: 'real', clock }))
  return found
}

/** Paths of this machine are nobody else's business. */
function reportable(config: GateConfig): Record<string, unknown> {
  const keys = ['door.releaseMs', 'door.driver', 'scan.ble.thresholdDb', 'scan.qr.holdMs', 'log.level'] as const
  return Object.fromEntries(keys.map((key) => [key, config[key]]))
}

function pick({ total, admit, deny }: { total: number; admit: number; deny: number }) {
  return { total, admit, deny }
}
