/**
 * The gate's judge with its memory: one reading in, one decision out, and the decision is on disk, together with the mark that the person
 * is inside, before anybody is told to open a door. If that order broke, a power cut could let somebody in whom nobody knows of.
 *
 * The same reading again is answered as before and written nowhere. Everything else that happens at the gate (undo, staff, door,
 * passage, system) goes into the same journal from here.
 */
import {
  type Decision,
  decide,
  type Effects,
  type EventId,
  effectsOf,
  foldPassage,
  type GateId,
  passageOf,
  type Reading,
} from '@gatehouse/domain'
import type { DoorLine, JournalEntry, StaffLine } from '@gatehouse/protocol'
import type { Clock } from '@gatehouse/runtime'
import type { JournalRow } from '../store/ports.ts'
import { type ClockState, credentialOf, decisionEntry, type Moment, noCredential } from './entries.ts'
import { collectFacts, type Stores } from './facts.ts'
import { createOccupancyCount } from './occupancy.ts'

export interface AdmitNeeds extends Stores {
  readonly clock: Pick<Clock, 'now' | 'monoMs'>
  readonly boot: string
  /** How far the wall clock may be believed now. */
  readonly clockState: () => ClockState
  readonly event: EventId
  readonly gate: GateId
  /** True while the cloud does not answer; only journalled, never decided with. */
  readonly isOffline: () => boolean
  /** Called after each append, so that the uplink sends it. */
  readonly appended?: (row: JournalRow) => void
}

export interface Answered {
  readonly decision: Decision
  readonly effects: Effects
  /** Missing for a repeated reading: nothing was written. */
  readonly row?: JournalRow
}

/** What a lane or the staff page knows of a reading; event, gate and, unless given, the instant are the gate's own. */
export type Presentation = Omit<Reading, 'event' | 'gate' | 'at'> & { readonly at?: number }

export interface Admit {
  present(presentation: Presentation): Answered
  /** Takes back a decision of the present epoch: it counts no longer, and its mark is gone. */
  undo(of: { readonly seq: number; readonly staff: string; readonly note: string }): JournalRow
  staff(action: StaffLine['action'], staff?: string): JournalRow
  door(state: DoorLine['state'], lane?: string): JournalRow
  /** The door contact saw somebody pass after decision `of`. */
  passage(of: number): JournalRow
  system(what: string, details?: unknown): JournalRow
}

/** Credentials whose last repetition is remembered, so that a phone left in front of the scanner stays one reading. */
const seenKept = 256

export function createAdmit(needs: AdmitNeeds): Admit {
  const { journal, roster, clock } = needs
  const seen = new Map<string, number>()
  const count = createOccupancyCount(needs)

  function moment(at = clock.now()): Moment {
    return { at, monoMs: Math.floor(clock.monoMs()), boot: needs.boot, clock: needs.clockState() }
  }

  function present(presentation: Presentation): Answered {
    const started = clock.monoMs()
    const reading: Reading = { at: clock.now(), ...presentation, event: needs.event, gate: needs.gate }
    const key = seenKey(reading)
    const { trust } = needs.clockState()
    const facts = collectFacts(needs, count, reading, { clock: trust, seenAt: seen.get(key) })
    const decision = decide(reading, facts)
    remember(key, reading.at)
    if (decision.repeated) return { decision, effects: effectsOf(decision) }
    const effects = effectsOf(decision)
    const tookUs = Math.round((clock.monoMs() - started) * 1000)
    const known = {
      facts,
      cursor: (feed: 'roster' | 'presence') => roster.cursor(feed),
      offline: needs.isOffline(),
      tookUs,
    }
    const mark = effects.mark ? passageOf(reading, decision, facts.rules) : undefined
    const row = append(decisionEntry(reading, decision, moment(reading.at), known), mark)
    if (mark) count.passed(facts.presence, foldPassage(facts.presence, mark, facts.rules.timeZone))
    return { decision, effects, row }
  }

  function append(entry: JournalEntry, mark?: ReturnType<typeof passageOf>, takesBack?: number): JournalRow {
    const row = journal.append(entry, mark, takesBack)
    needs.appended?.(row)
    return row
  }

  function remember(key: string, at: number): void {
    seen.delete(key)
    seen.set(key, at)
    const oldest = seen.size > seenKept ? seen.keys().next().value : undefined
    if (oldest !== undefined) seen.delete(oldest)
  }

  return {
    present,
    undo({ seq, staff, note }) {
      // What was taken back may be shown again at once.
      seen.clear()
      count.forget()
      return append({ ...moment(), kind: 'undo', of: seq, staff, note }, undefined, seq)
    },
    staff: (action, staff) => append({ ...moment(), kind: 'staff', action, ...(staff ? { staff } : {}) }),
    door: (state, lane) => append({ ...moment(), kind: 'door', state, ...(lane ? { lane } : {}) }),
    passage: (of) => append({ ...moment(), kind: 'passage', of }),
    system: (what, details) =>
      append({ ...moment(), kind: 'system', what, ...(details === undefined ? {} : { details }) }),
  }
}

function seenKey(reading: Reading): string {
  const credential = credentialOf(reading)
  const who = reading.presented.kind === 'participant' ? reading.presented.id : credential
  return `${reading.lane} ${reading.direction} ${who === noCredential ? 'unreadable' : who}`
}
