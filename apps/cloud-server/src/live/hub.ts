/**
 * Brings live numbers to everybody who watches an event. Each event is read once per turn however many watch, at most four times a
 * second; ingest wakes it, and a look at the numbers' revision every second lets several processes agree. A viewer that does not keep up
 * is skipped (the latest picture wins) and gets a snapshot when it has caught up, or is let go.
 */
import type { EventId, OrgId } from '@gatehouse/domain'
import { type Clock, describe, type Logger, type Metrics } from '@gatehouse/runtime'
import { changeBetween, type Picture, snapshotOf } from './message.ts'

/** One open connection, as far as the hub cares. */
export interface Viewer {
  send(text: string): void
  /** Bytes handed over and not yet taken by the network. */
  buffered(): number
  close(code: number, reason: string): void
  /** False when the session behind it has ended. */
  mayStay(): Promise<boolean>
}

export interface LiveSource {
  /** Undefined when the event is not there (any more). */
  picture(org: OrgId, event: EventId): Promise<Picture | undefined>
  /** Changes whenever the picture may have changed; cheap. */
  revision(event: EventId): Promise<string>
}

export interface LiveHub {
  /** False when there is no room for another viewer. */
  watch(org: OrgId, event: EventId, viewer: Viewer): boolean
  leave(event: EventId, viewer: Viewer): void
  /** Something was committed for this event (or for any). */
  wake(event?: EventId): void
  run(signal: AbortSignal): Promise<void>
  /** Says goodbye to all viewers; they come back elsewhere. */
  drain(): Promise<void>
}

interface Seat {
  /** When it stopped keeping up; undefined while it does. */
  behindSinceMs: number | undefined
  hasPicture: boolean
}

interface Channel {
  readonly org: OrgId
  readonly event: EventId
  readonly seats: Map<Viewer, Seat>
  seq: number
  picture: Picture | undefined
  revision: string | undefined
  woken: boolean
  lookedMs: number
  readMs: number
  spokeMs: number
  askedMs: number
}

const TURN_MS = 250
const LOOK_MS = 1_000
/** Rates and loads fall with time alone. */
const READ_MS = 5_000
const TICK_MS = 15_000
const BUFFER_BYTES = 1_048_576
const LET_GO_MS = 10_000
const MAX_VIEWERS = 2_000

export function createLiveHub(deps: { source: LiveSource; clock: Clock; logger: Logger; metrics: Metrics }): LiveHub {
  const { source, clock, logger } = deps
  const channels = new Map<EventId, Channel>()
  const viewers = deps.metrics.gauge('gatehouse_live_viewers', 'Open live connections')
  const skipped = deps.metrics.counter(
    'gatehouse_live_skipped_total',
    'Messages not sent because a viewer was too slow',
  )
  let seats = 0

  function count(change: number): void {
    seats += change
    viewers.set(seats)
  }

  function channelOf(org: OrgId, event: EventId): Channel {
    const known = channels.get(event)
    if (known) return known
    const never = Number.NEGATIVE_INFINITY
    const channel: Channel = {
      org,
      event,
      seats: new Map(),
      seq: 0,
      picture: undefined,
      revision: undefined,
      woken: true,
      lookedMs: never,
      readMs: never,
      spokeMs: clock.monoMs(),
      askedMs: clock.monoMs(),
    }
    channels.set(event, channel)
    return channel
  }

  function leave(event: EventId, viewer: Viewer): void {
    const channel = channels.get(event)
    if (!channel?.seats.delete(viewer)) return
    count(-1)
    if (channel.seats.size === 0) channels.delete(event)
  }

  function say(channel: Channel, text: string): void {
    channel.spokeMs = clock.monoMs()
    for (const [viewer, seat] of channel.seats) {
      if (!seat.hasPicture || seat.behindSinceMs !== undefined) continue
      if (viewer.buffered() > BUFFER_BYTES) {
        seat.behindSinceMs = clock.monoMs()
        skipped.add()
      } else viewer.send(text)
    }
  }

  /** Gives the whole picture to who has none: new viewers, and those that were behind and have caught up. */
  function catchUp(channel: Channel): void {
    const { picture } = channel
    if (!picture) return
    const waiting = [...channel.seats].filter(([, seat]) => !seat.hasPicture || seat.behindSinceMs !== undefined)
    if (waiting.length === 0) return
    const text = JSON.stringify(snapshotOf(picture, channel.seq, clock.now()))
    for (const [viewer, seat] of waiting) {
      const tooSlow = seat.behindSinceMs !== undefined && clock.monoMs() - seat.behindSinceMs > LET_GO_MS
      if (tooSlow) viewer.close(1013, 'too slow')
      else if (viewer.buffered() === 0) {
        viewer.send(text)
        seat.hasPicture = true
        seat.behindSinceMs = undefined
      }
    }
  }

  async function isDue(channel: Channel): Promise<boolean> {
    const nowMs = clock.monoMs()
    if (channel.woken || nowMs - channel.readMs >= READ_MS) return true
    if (nowMs - channel.lookedMs < LOOK_MS) return false
    channel.lookedMs = nowMs
    const revision = await source.revision(channel.event)
    const isNew = revision !== channel.revision
    channel.revision = revision
    return isNew
  }

  async function turn(channel: Channel): Promise<void> {
    if (await isDue(channel)) {
      channel.woken = false
      channel.readMs = clock.monoMs()
      const picture = await source.picture(channel.org, channel.event)
      if (!picture) return closeAll(channel, 4403, 'no such event')
      const change = channel.picture && changeBetween(channel.picture, picture, channel.seq + 1)
      channel.picture = picture
      if (change) {
        channel.seq = change.seq
        say(channel, JSON.stringify(change))
      }
    }
    catchUp(channel)
    if (clock.monoMs() - channel.spokeMs >= TICK_MS) {
      say(channel, JSON.stringify({ type: 'tick', seq: channel.seq, at: clock.now() }))
    }
    await askStay(channel)
  }

  /** Sessions end while their page is open. */
  async function askStay(channel: Channel): Promise<void> {
    if (clock.monoMs() - channel.askedMs < TICK_MS) return
    channel.askedMs = clock.monoMs()
    for (const viewer of channel.seats.keys()) if (!(await viewer.mayStay())) viewer.close(4401, 'signed out')
  }

  function closeAll(channel: Channel, code: number, reason: string): void {
    for (const viewer of channel.seats.keys()) {
      viewer.close(code, reason)
      leave(channel.event, viewer)
    }
  }

  return {
    watch(org, event, viewer) {
      if (seats >= MAX_VIEWERS) return false
      channelOf(org, event).seats.set(viewer, { behindSinceMs: undefined, hasPicture: false })
      count(1)
      return true
    },
    leave,
    wake(event) {
      for (const channel of channels.values()) if (event === undefined || channel.event === event) channel.woken = true
    },
    async run(signal) {
      while (!signal.aborted) {
        const beganMs = clock.monoMs()
        for (const channel of channels.values()) {
          await turn(channel).catch((error: unknown) => {
            logger.warn(
              { event: channel.event, problem: describe(error) },
              'live numbers could not be read; trying again',
            )
          })
        }
        // Never more than half of the time goes into reading: a slow database is not made slower.
        const tookMs = clock.monoMs() - beganMs
        await clock.sleep(Math.max(TURN_MS - tookMs, tookMs, 10), signal)
      }
    },
    async drain() {
      for (const channel of channels.values()) closeAll(channel, 1012, 'restarting')
    },
  }
}
