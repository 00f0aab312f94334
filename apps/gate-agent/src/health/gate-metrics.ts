/**
 * The numbers that monitoring reads from a gate. Rooms keep plain tallies; once a second they are carried over from here, so
 * that no room needs to know a metrics library.
 */
import type { BeaconSource, QrDecoder } from '@gatehouse/drivers'
import type { BoundedQueue, Metrics } from '@gatehouse/runtime'
import type { JournalStore, RosterStore } from '../store/ports.ts'

interface Answered {
  readonly via: string
  readonly decision: { readonly outcome: string; readonly reason?: string; readonly repeated?: boolean }
}

export interface Looked {
  readonly journal: Pick<JournalStore, 'unsent' | 'lastSeq'>
  readonly roster: Pick<RosterStore, 'rows' | 'cursor'>
  readonly link: {
    state(): { readonly state: string }
    counts(): { connects: number; refused: number; dropped: number; inFlight: number }
  }
  readonly readings: Pick<BoundedQueue<unknown>, 'size' | 'dropped'>
  readonly decoder: Pick<QrDecoder, 'counters'>
  readonly badges: { counts(): { sightings: number; notBadges: number; foreign: number } }
  readonly sources: readonly Pick<BeaconSource, 'name' | 'counters'>[]
  readonly door: { counts(): { released: number; refused: number; faults: number } }
}

const SECONDS = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5]

export function createGateMetrics(metrics: Metrics) {
  const decisions = metrics.counter('gatehouse_decisions_total', 'Readings answered', ['outcome', 'via', 'reason'])
  const repeated = metrics.counter('gatehouse_repeated_readings_total', 'The same reading again, answered as before')
  const seconds = metrics.histogram('gatehouse_decision_seconds', 'From reading to durable entry and door', SECONDS)
  const feeds = metrics.counter('gatehouse_feed_notes_total', 'What happened to pages of the feeds', ['what'])
  const refused = metrics.counter('gatehouse_downlink_refused_total', 'Messages from the cloud not used', ['reason'])
  const noCode = metrics.counter('gatehouse_pictures_without_code_total', 'Pictures in which no code was found')
  const unsent = metrics.gauge('gatehouse_journal_unsent', 'Entries the cloud has not acknowledged')
  const unsentBytes = metrics.gauge('gatehouse_journal_unsent_bytes', 'Their size')
  const lastSeq = metrics.gauge('gatehouse_journal_seq', 'Number of the last entry of this epoch')
  const rows = metrics.gauge('gatehouse_roster_rows', 'Participants in the roster')
  const cursor = metrics.gauge('gatehouse_feed_cursor', 'Position in a change feed', ['feed'])
  const up = metrics.gauge('gatehouse_link_up', '1 while connected to the broker')
  const waiting = metrics.gauge('gatehouse_readings_waiting', 'Readings not yet served')
  const tallies = createTallies(metrics)

  return {
    decided({ via, decision }: Answered, tookUs: number): void {
      if (decision.repeated) return repeated.add()
      decisions.add({ outcome: decision.outcome, via, reason: decision.reason ?? '' })
      seconds.observe(tookUs / 1e6)
    },
    feed: (what: string) => feeds.add({ what }),
    refused: (reason: string) => refused.add({ reason }),
    noCode: () => noCode.add(),
    look(at: Looked): void {
      const journal = at.journal.unsent()
      unsent.set(journal.count)
      unsentBytes.set(journal.bytes)
      lastSeq.set(at.journal.lastSeq())
      rows.set(at.roster.rows())
      for (const feed of ['roster', 'presence'] as const) cursor.set(at.roster.cursor(feed), { feed })
      up.set(at.link.state().state === 'up' ? 1 : 0)
      waiting.set(at.readings.size)
      tallies(at)
    },
  }
}

/** Totals that rooms keep themselves; what was added since the last look goes into the counter. */
function createTallies(metrics: Metrics): (at: Looked) => void {
  const known = new Map<string, number>()
  const counters = new Map<string, ReturnType<Metrics['counter']>>()
  const declare = (name: string, help: string) => counters.set(name, metrics.counter(name, help))
  declare('gatehouse_link_connects_total', 'Connections made to the broker')
  declare('gatehouse_link_refused_total', 'Connections that did not come about')
  declare('gatehouse_link_dropped_total', 'Messages the link did not take; they are sent again')
  declare('gatehouse_readings_dropped_total', 'Readings that gave way because too many waited')
  declare('gatehouse_qr_frames_total', 'Frames and pictures looked at')
  declare('gatehouse_qr_decoded_total', 'Codes found')
  declare('gatehouse_advertisements_total', 'Advertisements heard')
  declare('gatehouse_advertisements_refused_total', 'Advertisements that were damaged')
  declare('gatehouse_advertisements_dropped_total', 'Advertisements that gave way to newer ones')
  declare('gatehouse_badges_foreign_total', 'Sightings of beacons that are not of this event')
  declare('gatehouse_door_released_total', 'Pulses of the door')
  declare(
    'gatehouse_door_refused_total',
    'Releases not carried out because one was under way or the door was out of order',
  )
  declare('gatehouse_door_faults_total', 'Times the door did not answer')

  function carry(name: string, total: number): void {
    const fresh = total - (known.get(name) ?? 0)
    known.set(name, total)
    if (fresh > 0) counters.get(name)?.add({}, fresh)
  }

  return ({ link, readings, decoder, badges, sources, door }) => {
    const heard = sources.map((source) => source.counters())
    const sum = (of: (counters: (typeof heard)[number]) => number) => heard.reduce((total, one) => total + of(one), 0)
    carry('gatehouse_link_connects_total', link.counts().connects)
    carry('gatehouse_link_refused_total', link.counts().refused)
    carry('gatehouse_link_dropped_total', link.counts().dropped)
    carry('gatehouse_readings_dropped_total', readings.dropped)
    carry('gatehouse_qr_frames_total', decoder.counters().frames)
    carry('gatehouse_qr_decoded_total', decoder.counters().decoded)
    carry(
      'gatehouse_advertisements_total',
      sum((one) => one.heard),
    )
    carry(
      'gatehouse_advertisements_refused_total',
      sum((one) => one.refused),
    )
    carry(
      'gatehouse_advertisements_dropped_total',
      sum((one) => one.dropped),
    )
    carry('gatehouse_badges_foreign_total', badges.counts().foreign)
    carry('gatehouse_door_released_total', door.counts().released)
    carry('gatehouse_door_refused_total', door.counts().refused)
    carry('gatehouse_door_faults_total', door.counts().faults)
  }
}
