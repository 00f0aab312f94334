/**
 * The names of the pipes, and who may use which. Identity comes from the connection: a gate is let to its own topics and to
 * the feeds of its events, and to nothing else, in every broker alike.
 */
import type { FeedName } from './hello.ts'

export const UP_NAMES = ['hello', 'journal', 'status', 'sync', 'reported', 'result'] as const
export const DOWN_NAMES = ['ack', 'feed', 'desired', 'command'] as const
export const FEED_NAMES = ['roster', 'presence'] as const satisfies readonly FeedName[]
export type UpName = (typeof UP_NAMES)[number]
export type DownName = (typeof DOWN_NAMES)[number]

export type Topic =
  | { readonly side: 'up'; readonly org: string; readonly gate: string; readonly name: UpName }
  | { readonly side: 'down'; readonly org: string; readonly gate: string; readonly name: DownName }
  | { readonly side: 'event'; readonly org: string; readonly event: string; readonly feed: FeedName }

const MAX_TOPIC = 256
const ID = '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'
const GATE_TOPIC = new RegExp(`^gh/v1/${ID}/gates/${ID}/(?:up/(${UP_NAMES.join('|')})|down/(${DOWN_NAMES.join('|')}))$`)
const EVENT_TOPIC = new RegExp(`^gh/v1/${ID}/events/${ID}/(${FEED_NAMES.join('|')})$`)

export function upTopic(org: string, gate: string, name: UpName): string {
  return `gh/v1/${org}/gates/${gate}/up/${name}`
}

export function downTopic(org: string, gate: string, name: DownName): string {
  return `gh/v1/${org}/gates/${gate}/down/${name}`
}

export function feedTopic(org: string, event: string, feed: FeedName): string {
  return `gh/v1/${org}/events/${event}/${feed}`
}

/** Undefined for every topic that is not one of the twelve. */
export function parseTopic(topic: string): Topic | undefined {
  if (topic.length > MAX_TOPIC) return undefined
  const [, org, gate, up, down] = GATE_TOPIC.exec(topic) ?? []
  if (org && gate && up) return { side: 'up', org, gate, name: up as UpName }
  if (org && gate && down) return { side: 'down', org, gate, name: down as DownName }
  const [, eventOrg, event, feed] = EVENT_TOPIC.exec(topic) ?? []
  return eventOrg && event && feed ? { side: 'event', org: eventOrg, event, feed: feed as FeedName } : undefined
}

/** A gate publishes below its own `up/` only; names that v1 does not know pass, and are counted by who receives them. */
export function mayPublish(who: { readonly org: string; readonly gate: string }, topic: string): boolean {
  const own = `gh/v1/${who.org}/gates/${who.gate}/up/`
  return topic.length <= MAX_TOPIC && topic.startsWith(own) && topic.length > own.length && !/[+#\0]/.test(topic)
}

/** A gate hears its own `down/#` (or a topic of it) and the two feeds of each event it is assigned to. */
export function maySubscribe(
  who: { readonly org: string; readonly gate: string; readonly events: Iterable<string> },
  filter: string,
): boolean {
  const own = `gh/v1/${who.org}/gates/${who.gate}/down/`
  if (filter.length > MAX_TOPIC) return false
  if (filter === `${own}#`) return true
  if (/[+#\0]/.test(filter)) return false
  if (filter.startsWith(own) && filter.length > own.length) return true
  for (const event of who.events) {
    if (FEED_NAMES.some((feed) => filter === feedTopic(who.org, event, feed))) return true
  }
  return false
}

/** The topics that a retain flag may stand on. */
export function mayRetain(topic: string): boolean {
  const parsed = parseTopic(topic)
  if (parsed?.side === 'up') return parsed.name === 'status' || parsed.name === 'reported'
  return parsed?.side === 'down' && parsed.name === 'desired'
}
