/**
 * What a person would want to know is wrong with a gate, by name: each check looks at one thing and says in a few words what
 * is the matter. They stand on the staff page, in the status and behind /readyz.
 */
import type { BoundedQueue, CheckResult, Health } from '@gatehouse/runtime'
import type { JournalStore, RosterStore } from '../store/ports.ts'
import type { ClockState } from './clock-trust.ts'

export interface Watched {
  readonly journal: Pick<JournalStore, 'unsent'> & {
    readonly opening: { readonly quarantined?: string; readonly brokenAt?: number }
  }
  readonly roster: Pick<RosterStore, 'rows' | 'rules'>
  readonly handover: { readonly certificateUntil?: number }
  readonly trusted: { state(): ClockState }
  readonly link: { state(): { readonly state: string; readonly sinceAt: number } }
  readonly door: { state(): string }
  readonly readings: Pick<BoundedQueue<unknown>, 'size'>
  readonly now: () => number
}

const DAY_MS = 24 * 3_600_000
const WARN_BEFORE_MS = 14 * DAY_MS
/** Entries that stay unsent so long although the link is up mean that the cloud does not acknowledge. */
const UNSENT_MS = 300_000
const MOST_WAITING = 16

const fine: CheckResult = { ok: true }
const wrong = (detail: string): CheckResult => ({ ok: false, detail })

export function watchHealth(health: Pick<Health, 'check'>, watched: Watched): void {
  const { journal, roster, handover, trusted, link, door, readings, now } = watched
  health.check('journal', () => {
    const { quarantined, brokenAt } = journal.opening
    if (quarantined !== undefined) return wrong('the journal was damaged and put aside; a new epoch was begun')
    return brokenAt === undefined ? fine : wrong(`entry ${brokenAt} has changed on the disk`)
  })
  health.check('roster', () => {
    if (!roster.rules()) return wrong('the rules of the event have not arrived yet')
    return roster.rows() > 0 ? fine : wrong('no participants have arrived yet')
  })
  health.check('link', () => {
    const { state } = link.state()
    return state === 'up' ? fine : wrong(state === 'never' ? 'not connected since the start' : 'away; works on its own')
  })
  health.check('unsent', () => {
    const { count, oldestAt } = journal.unsent()
    const isLate = oldestAt !== undefined && now() - oldestAt > UNSENT_MS && link.state().state === 'up'
    return isLate ? wrong(`${count} entries are not acknowledged`) : fine
  })
  health.check('clock', () => {
    const { trust } = trusted.state()
    return trust === 'unknown' ? wrong('the time is not known for sure') : fine
  })
  health.check('certificate', () => {
    const leftMs = (handover.certificateUntil ?? Number.POSITIVE_INFINITY) - now()
    return leftMs > WARN_BEFORE_MS ? fine : wrong(`ends in ${Math.floor(leftMs / DAY_MS)} days`)
  })
  health.check('door', () => (door.state() === 'fault' ? wrong('the door does not answer') : fine))
  health.check('loop lane', () => (readings.size <= MOST_WAITING ? fine : wrong(`${readings.size} readings wait`)))
}
