/**
 * Gives changes their numbers and sends them to all gates of the event, at most every 200 ms: what changed several times meanwhile goes
 * out once, as its latest state. Numbering and sending are apart: a page that is lost is asked for by the gates, which notice
 * the gap at the next page or at their own quiet pace.
 */
import { type FeedName, feedTopic } from '@gatehouse/protocol'
import { cutLines, encodePage, type PageHead, pageBytes, type SignPage } from './page.ts'
import type { FeedStore, Numbered, PendingEvent } from './ports.ts'

export interface PublisherNeeds {
  readonly store: Pick<FeedStore, 'pending' | 'number'>
  readonly publish: (topic: string, payload: Uint8Array) => Promise<void>
  readonly sign: SignPage
  readonly settings?: Partial<PublisherSettings>
}

export interface PublisherSettings {
  /** Lines numbered in one transaction. */
  readonly numberLines: number
  /** Numberings of one event and feed in one turn, so that a bulk import of one event does not keep the others waiting. */
  readonly roundsPerTurn: number
  readonly atMostBytes: number
}

const defaults: PublisherSettings = { numberLines: 500, roundsPerTurn: 20, atMostBytes: pageBytes }

export interface Publisher {
  /** One turn over everything pending; resolves with the number of lines sent. Call it every 200 ms, never twice at once. */
  turn(): Promise<number>
}

export function createPublisher(needs: PublisherNeeds): Publisher {
  const settings = { ...defaults, ...needs.settings }

  /** Presence first: who is inside matters at every gate at once, and an import makes only roster changes. */
  async function turn(): Promise<number> {
    let lines = 0
    for (const feed of ['presence', 'roster'] as const) {
      let busy = await needs.store.pending(feed)
      for (let round = 0; round < settings.roundsPerTurn && busy.length > 0; round += 1) {
        const still: PendingEvent[] = []
        for (const events of together(feed, busy)) {
          for (const numbered of await needs.store.number(events, feed, settings.numberLines)) {
            lines += await send(feed, numbered)
            if (numbered.more) still.push(numbered)
          }
        }
        busy = still
      }
    }
    return lines
  }

  async function send(feed: FeedName, numbered: Numbered): Promise<number> {
    const { org, event } = numbered
    const topic = feedTopic(org, event, feed)
    const parts = cutLines(numbered.lines, settings.atMostBytes)
    if (parts.length > 1 && numbered.lines.length !== numbered.to - numbered.from) {
      throw new Error('numbered lines are not one per version, so they cannot be cut')
    }
    let from = numbered.from
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1
      const to = isLast ? numbered.to : from + part.length
      // `more` is for answers to a sync; live pages follow by themselves.
      const head: PageHead = { from, to, head: numbered.to, more: false, ...(isLast ? endOf(numbered) : {}) }
      await needs.publish(topic, encodePage({ org, event, feed, topic, sign: needs.sign }, head, part))
      from = to
    }
    return numbered.lines.length
  }

  return { turn }
}

/** Presence is a few lines of every event, all of them one transaction; a roster may be a hundred thousand lines of one. */
function together(feed: FeedName, busy: readonly PendingEvent[]): readonly (readonly PendingEvent[])[] {
  return feed === 'presence' ? [busy] : busy.map((pending) => [pending])
}

/** What holds only after the last line. */
function endOf({ root, covers }: Numbered): Pick<PageHead, 'root' | 'covers'> {
  return {
    ...(root === undefined ? {} : { root }),
    ...(covers.size === 0 ? {} : { covers: Object.fromEntries(covers) }),
  }
}
