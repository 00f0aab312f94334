/**
 * Everything the judge may know about one reading, collected from the gate's own disk: what the feeds delivered and, folded on
 * top, what this gate did itself and has not yet seen come back. Nothing here waits for anything but that disk.
 */
import {
  type ClockTrust,
  type Earlier,
  type EventRules,
  type Facts,
  foldPresence,
  type Participant,
  type Presence,
  type Reading,
} from '@gatehouse/domain'
import type { JournalStore, Mark, RosterStore } from '../store/ports.ts'
import { credentialOf, noCredential } from './entries.ts'
import type { OccupancyCount } from './occupancy.ts'

export interface Stores {
  readonly roster: RosterStore
  readonly journal: JournalStore
}

export interface Momentary {
  readonly clock: ClockTrust
  /** When the same credential was last repeated here. */
  readonly seenAt: number | undefined
}

export function collectFacts(stores: Stores, count: OccupancyCount, reading: Reading, now: Momentary): Facts {
  const { roster, journal } = stores
  const { clock, seenAt } = now
  const rules = roster.rules() ?? { id: reading.event }
  const participant = whoIs(roster, reading)
  const marks = participant ? journal.marksOf(participant.id) : []
  const presence = participant && presenceOf(roster, participant, marks, rules)
  const earlier = earlierOf(journal, reading, participant, seenAt)
  const occupancy = occupancyFor(count, reading, rules)
  const entryTimes = marks.filter(({ direction }) => direction === 'entry').map(({ at }) => at)
  return {
    rules,
    clock,
    roster: { cursor: roster.cursor('roster'), rows: roster.rows(), isPartial: !roster.isWhole() },
    ...(participant && { participant }),
    ...(presence && { presence }),
    ...(entryTimes.length > 0 && { entryTimes: entryTimes.sort((one, other) => one - other).slice(-100) }),
    ...(earlier && { earlier }),
    ...(occupancy && { occupancy }),
  }
}

function whoIs(roster: RosterStore, { presented }: Reading): Participant | undefined {
  if (presented.kind === 'unreadable') return undefined
  return presented.kind === 'participant' ? roster.participant(presented.id) : roster.byCredential(presented.key)
}

function presenceOf(
  roster: RosterStore,
  { id }: Pick<Participant, 'id'>,
  marks: readonly Mark[],
  rules: EventRules,
): Presence | undefined {
  return foldPresence(roster.presence(id), marks, rules.timeZone)
}

function earlierOf(
  journal: JournalStore,
  reading: Reading,
  participant: Participant | undefined,
  seenAt: number | undefined,
): Earlier | undefined {
  const credential = credentialOf(reading)
  if (!participant && credential === noCredential) return undefined
  const found = journal.earlier({
    ...(participant && { participant: participant.id }),
    ...(credential !== noCredential && { credential }),
  })
  if (!found) return undefined
  const { credential: shown, ...earlier } = found
  return { ...earlier, sameCredential: shown === credential, ...(seenAt !== undefined && { seenAt }) }
}

/** Only where somebody set a capacity: it is the one fact that looks at more than one person. */
function occupancyFor(count: OccupancyCount, reading: Reading, rules: EventRules): Facts['occupancy'] {
  const zone = rules.gates?.[reading.gate]?.zone
  const isLimited = rules.capacity !== undefined || rules.zones?.some(({ capacity }) => capacity !== undefined)
  if (!isLimited) return undefined
  const { event, byZone } = count.now(rules.timeZone)
  return { event, ...(zone !== undefined && { zone: byZone.get(zone) ?? 0 }) }
}
