/**
 * Knowledge on its way back: keeps the gate's copy of the roster and of presence equal to the cloud's. A page is applied only
 * when it begins exactly at the gate's cursor, rows and cursor in one transaction; everything else is dropped and asked
 * for. Where the roster's root differs from the cloud's, only the buckets that differ are fetched again.
 *
 * A snapshot (for a cursor that the cloud no longer knows) is set aside page by page and takes the old set's place at once at
 * its last page, so that decisions never see half a roster. The link calls `connected`, `disconnected` and `received`, and
 * after each, and whenever `dueAt` has come, publishes what `tick` returns on `up/sync`.
 */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import {
  downTopic,
  FEED_NAMES,
  type FeedHeader,
  type FeedName,
  type FeedPosition,
  feedTopic,
  type PresenceLine,
  type SyncRequest,
} from '@gatehouse/protocol'
import type { Clock, Random } from '@gatehouse/runtime'
import type { JournalStore, RosterStore } from '../store/ports.ts'
import { type Asking, createAsking } from './asking.ts'
import { type Page, type PageCheck, presenceRows, readPage, rosterRows } from './page.ts'
import { createReturnedMarks } from './returned-marks.ts'

export type FeedNote =
  | { readonly what: 'refused-page'; readonly code: string; readonly detail: string }
  | { readonly what: 'unreadable-lines'; readonly feed: FeedName; readonly count: number }
  | { readonly what: 'root-differs'; readonly cursor: number }
  | { readonly what: 'applied'; readonly feed: FeedName; readonly cursor: number; readonly lines: number }

export interface FeedSyncNeeds {
  readonly roster: RosterStore
  readonly journal: JournalStore
  readonly org: OrgId
  readonly event: EventId
  readonly gate: GateId
  readonly verify: PageCheck['verify']
  readonly clock: Pick<Clock, 'now' | 'monoMs'>
  readonly random: Random
  readonly note?: (note: FeedNote) => void
}

export interface FeedSync {
  connected(): void
  disconnected(): void
  /** A message from `down/feed` or one of the event's two topics. */
  received(topic: string, bytes: Uint8Array): void
  /** Requests to publish on `up/sync` now. */
  tick(): readonly SyncRequest[]
  dueAt(): number
  /** For hello and status. */
  positions(): readonly FeedPosition[]
  /** Gives up what is staged and asks anew (the command `resync`). */
  resync(): void
}

interface Feed {
  readonly name: FeedName
  readonly asking: Asking
  /** Where the staged snapshot stands; undefined when none is under way. */
  stagedTo: number | undefined
  /** How often the root has differed in a row; while it does, questions carry our buckets. */
  mismatches: number
}

/** After so many repairs in vain the next waits for the quiet pace: something other than lost rows is wrong. */
const promptRepairs = 3

export function createFeedSync(needs: FeedSyncNeeds): FeedSync {
  const { roster, org, event, gate, clock } = needs
  const returned = createReturnedMarks(needs)
  const feeds = FEED_NAMES.map(
    (name): Feed => ({ name, asking: createAsking(needs), stagedTo: undefined, mismatches: 0 }),
  )
  const answerTopic = downTopic(org, gate, 'feed')
  const topics = new Set([answerTopic, ...FEED_NAMES.map((name) => feedTopic(org, event, name))])
  let isConnected = false

  function connected(): void {
    isConnected = true
    for (const feed of feeds) {
      feed.asking.stop()
      feed.asking.want()
    }
  }

  function disconnected(): void {
    isConnected = false
    for (const feed of feeds) feed.asking.stop()
  }

  function received(topic: string, bytes: Uint8Array): void {
    if (!topics.has(topic)) return
    const read = readPage(topic, bytes, needs)
    if (!read.ok) return needs.note?.({ what: 'refused-page', code: read.code, detail: read.detail })
    const { header } = read.page
    const feed = feeds.find(({ name }) => name === header.feed)
    if (!feed || (topic !== answerTopic && topic !== feedTopic(org, event, header.feed))) return
    if (header.snapshot || header.buckets) {
      // Only an answer replaces what we have: an old snapshot that comes late would bring back what was revoked since.
      if (topic === answerTopic && feed.asking.isAnswer(header.echo?.sentAt)) replace(feed, read.page)
    } else delta(feed, read.page, topic === answerTopic)
  }

  function delta(feed: Feed, page: Page, isAnswer: boolean): void {
    const { header } = page
    const cursor = roster.cursor(feed.name)
    if (header.from !== cursor) {
      if (header.head > cursor) feed.asking.want()
      return
    }
    const lines = header.to > header.from || page.lines.length > 0 ? apply(feed, page) : []
    forgetStaged(feed)
    conclude(feed, header, lines, isAnswer)
  }

  /** Returns what the page says about presence. */
  function apply(feed: Feed, { header, lines }: Page): readonly PresenceLine[] {
    const { from, to } = header
    needs.note?.({ what: 'applied', feed: feed.name, cursor: to, lines: lines.length })
    if (feed.name === 'roster') {
      roster.applyRoster({ from, to, lines: readable(feed, rosterRows(lines)) })
      return []
    }
    const presence = readable(feed, presenceRows(lines))
    roster.applyPresence({ from, to, lines: presence })
    return presence
  }

  function readable<Row>(feed: Feed, read: { rows: readonly Row[]; unreadable: number }): readonly Row[] {
    if (read.unreadable > 0) needs.note?.({ what: 'unreadable-lines', feed: feed.name, count: read.unreadable })
    return read.rows
  }

  function replace(feed: Feed, page: Page): void {
    if (page.header.buckets) replaceBuckets(feed, page)
    else stage(feed, page)
  }

  function replaceBuckets(feed: Feed, { header, lines }: Page): void {
    if (feed.name !== 'roster' || !header.buckets || header.from !== roster.cursor('roster')) return feed.asking.want()
    const { from, to } = header
    roster.replaceBuckets(header.buckets, { from, to, lines: readable(feed, rosterRows(lines)) })
    conclude(feed, header, [], true)
  }

  function stage(feed: Feed, { header, lines }: Page): void {
    if (header.from !== 0 && header.from !== feed.stagedTo) {
      forgetStaged(feed)
      return feed.asking.want()
    }
    const { from, to } = header
    if (feed.name === 'roster') {
      roster.stageSnapshot('roster', { from, to, lines: readable(feed, rosterRows(lines)) })
    } else {
      roster.stageSnapshot('presence', { from, to, lines: readable(feed, presenceRows(lines)) })
    }
    feed.stagedTo = to
    if (!header.more) finish(feed, to)
    conclude(feed, header, [], true)
  }

  function finish(feed: Feed, cursor: number): void {
    roster.finishSnapshot(feed.name, cursor)
    feed.stagedTo = undefined
    needs.note?.({ what: 'applied', feed: feed.name, cursor, lines: roster.rows() })
  }

  function forgetStaged(feed: Feed): void {
    if (feed.stagedTo !== undefined) roster.dropSnapshot(feed.name)
    feed.stagedTo = undefined
  }

  /** After a page was used: is there more, is it the truth, which marks has it brought back? */
  function conclude(feed: Feed, header: FeedHeader, presence: readonly PresenceLine[], isAnswer: boolean): void {
    feed.asking.heard()
    const isAtCursor = feed.stagedTo === undefined && roster.cursor(feed.name) === header.to
    if (feed.name === 'presence' && isAtCursor) returned.applied(header, presence, isAnswer)
    if (header.root !== undefined && isAtCursor) compareRoot(feed, header)
    if (feed.name === 'roster' && isAtCursor && header.to === header.head && !roster.isWhole()) roster.markWhole()
    if (header.more) feed.asking.wantNext()
    else if (header.head > header.to) feed.asking.wantSoon()
  }

  function compareRoot(feed: Feed, header: FeedHeader): void {
    if (roster.root() === header.root) {
      feed.mismatches = 0
      return
    }
    feed.mismatches += 1
    needs.note?.({ what: 'root-differs', cursor: header.to })
    if (feed.mismatches <= promptRepairs) feed.asking.want()
  }

  function tick(): readonly SyncRequest[] {
    if (!isConnected) return []
    return feeds.filter((feed) => feed.asking.isDue()).map(ask)
  }

  function ask(feed: Feed): SyncRequest {
    const sentAt = clock.now()
    const cursor = feed.stagedTo ?? roster.cursor(feed.name)
    feed.asking.asked(sentAt)
    const isSnapshot = feed.stagedTo !== undefined
    return {
      v: 1,
      event,
      feed: feed.name,
      cursor,
      ...(isSnapshot ? { snapshot: true } : {}),
      ...(feed.mismatches > 0 && !isSnapshot ? { buckets: [...roster.buckets()] } : {}),
      sentAt,
    }
  }

  return {
    connected,
    disconnected,
    received,
    tick,
    dueAt: () => (isConnected ? Math.min(...feeds.map(({ asking }) => asking.dueAt())) : Number.POSITIVE_INFINITY),
    positions: () =>
      feeds.map(({ name }) => ({
        event,
        feed: name,
        cursor: roster.cursor(name),
        ...(name === 'roster' ? { root: roster.root(), rows: roster.rows() } : {}),
      })),
    resync() {
      for (const feed of feeds) {
        forgetStaged(feed)
        if (isConnected) feed.asking.want()
      }
    },
  }
}
