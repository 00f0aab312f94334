/**
 * Presence as a fold over passages. Counting is commutative and "inside" follows the latest passage, so facts may arrive in any
 * order, as they do when a gate comes back after an hour, and still give the same presence everywhere.
 */
import type { Decision } from './decision.ts'
import { effectsOf } from './effects.ts'
import type { GateId, ParticipantId } from './ids.ts'
import { gateRule } from './judgement.ts'
import { localTime } from './local-time.ts'
import type { Direction, Passage, Presence } from './presence.ts'
import type { Reading } from './reading.ts'
import type { EventRules } from './rules.ts'

/** A year of days; an event that is longer forgets its first ones. */
const daysKept = 366

interface Moment {
  readonly at: number
  readonly gate: GateId
  readonly direction: Direction
  readonly zone?: string
}

const compareText = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

/** Total order of one participant's passages; what compares equal is the same passage. */
export function comparePassages(one: Moment, other: Moment): number {
  return (
    one.at - other.at ||
    compareText(one.gate, other.gate) ||
    compareText(one.direction, other.direction) ||
    compareText(one.zone ?? '', other.zone ?? '')
  )
}

function latestOf({ lastAt, lastGate, lastDirection, zone }: Presence): Moment {
  return { at: lastAt, gate: lastGate, direction: lastDirection, ...(zone !== undefined && { zone }) }
}

function withDay(days: Presence['days'], day: string): NonNullable<Presence['days']> {
  const counts = Object.entries({ ...days, [day]: (days?.[day] ?? 0) + 1 })
  return Object.fromEntries(counts.sort(([one], [other]) => compareText(one, other)).slice(-daysKept))
}

/** When they first came in: known only if no entry happened before we began to look. */
function firstEntryAt(presence: Presence | undefined, { direction, at }: Passage): number | undefined {
  if (direction !== 'entry') return presence?.firstAt
  if (presence?.firstAt !== undefined) return Math.min(presence.firstAt, at)
  return presence === undefined || presence.entries === 0 ? at : undefined
}

/**
 * Adds one passage that was not folded before (`foldAll` and `foldPresence` see to that). With `timeZone`, entries are also
 * counted by local day.
 */
export function foldPassage(presence: Presence | undefined, passage: Passage, timeZone?: string): Presence {
  const isEntry = passage.direction === 'entry'
  const firstAt = firstEntryAt(presence, passage)
  const days =
    isEntry && timeZone !== undefined ? withDay(presence?.days, localTime(passage.at, timeZone).date) : presence?.days
  const latest = presence && comparePassages(latestOf(presence), passage) > 0 ? latestOf(presence) : passage
  return {
    id: passage.participant,
    inside: latest.direction === 'entry',
    // Kept after an exit too: it is where they were last, and part of what orders passages of the same instant.
    ...(latest.zone !== undefined && { zone: latest.zone }),
    entries: (presence?.entries ?? 0) + (isEntry ? 1 : 0),
    lastAt: latest.at,
    lastGate: latest.gate,
    lastDirection: latest.direction,
    ...(firstAt !== undefined && { firstAt }),
    ...(days && { days }),
  }
}

/** In order and each once. */
function distinct(passages: readonly Passage[]): readonly Passage[] {
  const sorted = [...passages].sort(comparePassages)
  return sorted.filter((passage, index) => {
    const before = sorted[index - 1]
    return before === undefined || comparePassages(before, passage) !== 0
  })
}

/** What the feed says and, on top, this gate's own passages that have not yet come back in it. */
export function foldPresence(
  feed: Presence | undefined,
  marks: readonly Passage[],
  timeZone?: string,
): Presence | undefined {
  const own = marks.filter((mark) => !feed || !isLatestOf(feed, mark))
  return distinct(own).reduce<Presence | undefined>((presence, mark) => foldPassage(presence, mark, timeZone), feed)
}

/** The feed's latest passage is this very mark: it has come back, although nobody has said so yet. */
function isLatestOf(feed: Presence, mark: Passage): boolean {
  return feed.lastAt === mark.at && feed.lastGate === mark.gate && feed.lastDirection === mark.direction
}

/** All presences from all passages, in any order and with repetitions. */
export function foldAll(passages: readonly Passage[], timeZone?: string): ReadonlyMap<ParticipantId, Presence> {
  const presences = new Map<ParticipantId, Presence>()
  for (const [id, theirs] of Map.groupBy(passages, ({ participant }) => participant)) {
    const presence = foldPresence(undefined, theirs, timeZone)
    if (presence) presences.set(id, presence)
  }
  return presences
}

/** The passage that a decision makes, for the journal's mark; undefined when nobody passed or nobody knows who. */
export function passageOf(reading: Reading, decision: Decision, rules: EventRules): Passage | undefined {
  if (!effectsOf(decision).mark || decision.participant === undefined) return undefined
  const zone = gateRule(rules, reading.gate)?.zone
  return {
    participant: decision.participant,
    gate: reading.gate,
    direction: reading.direction,
    at: reading.at,
    ...(zone !== undefined && { zone }),
  }
}
