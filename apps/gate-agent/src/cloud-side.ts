/**
 * Everything between this gate and the cloud, joined: the link carries what uplink and feed sync have to say and hands them
 * what arrives. Decisions never come through here; if all of it stood still, the gate would go on with what it knows.
 */
import type { EpochId } from '@gatehouse/domain'
import {
  downTopic,
  feedTopic,
  type Hello,
  LIMITS,
  type OnlineStatus,
  parseAck,
  parseTopic,
  signHead,
  upTopic,
  verifyDownlink,
} from '@gatehouse/protocol'
import { type Clock, describe, Failure, type Logger, type Random } from '@gatehouse/runtime'
import type { Handover } from './handover.ts'
import type { TrustedClock } from './health/clock-trust.ts'
import { offlineStatus } from './health/status.ts'
import { createMqttLink, type Link } from './link/mqtt-link.ts'
import { createRemote } from './remote-config/remote.ts'
import { createFeedSync, type FeedNote, type FeedSync } from './roster-sync/feed-sync.ts'
import type { JournalStore, RosterStore } from './store/ports.ts'
import { createUplink, type Uplink, type UplinkNote } from './uplink/uplink.ts'

export interface CloudSideNeeds {
  readonly handover: Handover
  readonly journal: JournalStore
  readonly roster: RosterStore
  readonly clock: Clock
  readonly trusted: TrustedClock
  readonly random: Random
  readonly logger: Logger
  readonly about: Pick<Hello, 'software' | 'protocol' | 'boot'>
  readonly newEpochId: () => EpochId
  /** The configuration that runs, for `up/reported`. */
  readonly config: Readonly<Record<string, unknown>>
  readonly onUplinkNote: (note: UplinkNote) => void
  readonly onFeedNote: (note: FeedNote) => void
  readonly onLinkChange: () => void
  /** A message that is not for us, not signed or not readable; counted by reason. */
  readonly refused: (reason: string) => void
  /** Called each time the loop turns. */
  readonly turned: () => void
}

export interface CloudSide {
  readonly link: Link
  readonly feeds: FeedSync
  /** The journal has new rows. Returns at once. */
  appended(): void
  publishStatus(status: OnlineStatus): boolean
  /** When a page of a feed was last applied, Unix ms; undefined until then. */
  appliedAt(): number | undefined
  /** True while the cloud does not answer. */
  isOffline(): boolean
  /** Publishes what is due until told to end. */
  run(signal: AbortSignal): Promise<void>
  /** Sends what is still unsent, for at most `withinMs`, and says goodbye. */
  drain(withinMs: number): Promise<void>
}

const LONGEST_WAIT_MS = 1_000

export function createCloudSide(needs: CloudSideNeeds): CloudSide {
  const { handover, journal, clock, trusted, logger } = needs
  const { org, gate, event } = handover
  // Both rooms reckon in the best known time, so that what they stamp agrees with the journal.
  const stamped = { now: () => trusted.now(), monoMs: () => clock.monoMs() }
  const feeds = createFeedSync({
    ...needs,
    org,
    event,
    gate,
    clock: stamped,
    verify: (topic, header) => verifyDownlink(handover.downlinkKey, topic, header),
    note: noted,
  })
  const uplink: Uplink = createUplink({
    ...needs,
    clock: stamped,
    sign: (epoch, to, head) => signHead(handover.signingKey, epoch, to, head),
    about: () => ({ ...needs.about, feeds: feeds.positions() }),
    note: needs.onUplinkNote,
  })
  const remote = createRemote({
    ...needs,
    now: () => trusted.now(),
    resync: () => feeds.resync(),
    publish: (name, message) => say(name, message),
  })
  const link = createMqttLink({
    url: handover.brokerUrl,
    gate,
    ...(handover.tls && { tls: handover.tls }),
    subscriptions: [
      `gh/v1/${org}/gates/${gate}/down/#`,
      feedTopic(org, event, 'roster'),
      feedTopic(org, event, 'presence'),
    ],
    will: () => ({ topic: upTopic(org, gate, 'status'), payload: JSON.stringify(offlineStatus(trusted.now())) }),
    onConnected: () => changed(true),
    onDisconnected: () => changed(false),
    onMessage: (topic, payload) => take(topic, payload),
    clock,
    random: needs.random,
    logger,
  })
  let wake = new AbortController()
  let appliedAt: number | undefined

  function noted(note: FeedNote): void {
    if (note.what === 'applied') appliedAt = trusted.now()
    needs.onFeedNote(note)
  }

  function say(name: 'status' | 'sync' | 'reported' | 'result', message: object): boolean {
    const retain = name === 'status' || name === 'reported'
    return link.publish(upTopic(org, gate, name), JSON.stringify(message), { retain })
  }

  function changed(isUp: boolean): void {
    if (isUp) {
      uplink.connected()
      feeds.connected()
      remote.connected()
    } else {
      uplink.disconnected()
      feeds.disconnected()
    }
    needs.onLinkChange()
    poke()
  }

  /** The wall for everything that arrives: nothing thrown here may end the program but a broken assumption. */
  function take(topic: string, payload: Uint8Array): void {
    try {
      if (payload.length > LIMITS.messageBytes) needs.refused('too-large')
      else dispatch(topic, payload)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      needs.refused('not-applied')
      logger.error({ topic, code: error.code, problem: describe(error) }, 'a message could not be applied')
    }
    poke()
  }

  function dispatch(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic)
    if (!parsed || parsed.side === 'up') return needs.refused('unknown-topic')
    if (parsed.side === 'event' || parsed.name === 'feed') return feeds.received(topic, payload)
    if (topic !== downTopic(org, gate, parsed.name)) return needs.refused('unknown-topic')
    if (parsed.name === 'ack') return acknowledged(payload)
    remote.received(parsed.name, topic, payload)
  }

  function acknowledged(payload: Uint8Array): void {
    const ack = parseAck(payload)
    if (!ack.ok) return needs.refused('unreadable-ack')
    trusted.acknowledged({ serverTime: ack.value.serverTime, sentAt: ack.value.echo.sentAt })
    uplink.received(ack.value)
  }

  function publishDue(): void {
    for (const { name, payload } of uplink.tick()) link.publish(upTopic(org, gate, name), payload)
    for (const request of feeds.tick()) say('sync', request)
  }

  /** After the present turn of the event loop, so that the answer at the gate goes out first. */
  function poke(): void {
    setImmediate(() => wake.abort())
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      wake = new AbortController()
      publishDue()
      needs.turned()
      const dueMs = Math.min(uplink.dueAt(), feeds.dueAt()) - clock.monoMs()
      await clock.sleep(Math.max(1, Math.min(dueMs, LONGEST_WAIT_MS)), AbortSignal.any([signal, wake.signal]))
    }
  }

  return {
    link,
    feeds,
    appended() {
      uplink.appended()
      poke()
    },
    appliedAt: () => appliedAt,
    publishStatus: (status) => say('status', status),
    isOffline: () => link.state().state !== 'up' || !uplink.answered,
    run,
    async drain(withinMs) {
      const untilMs = clock.monoMs() + withinMs
      const isDone = () => link.state().state !== 'up' || (journal.unsent().count === 0 && link.counts().inFlight === 0)
      while (!isDone() && clock.monoMs() < untilMs) await clock.sleep(20)
      if (say('status', offlineStatus(trusted.now()))) await clock.sleep(50)
    },
  }
}
