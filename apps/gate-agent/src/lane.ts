/**
 * The story of a gate. A reading is judged, the decision is put on disk, and only then light and door tell the person; nothing
 * on this way is ever waited for but the gate's own disk, so it goes on whatever the network does. Readings come one at a
 * time: from scanners through a bounded queue, from staff directly.
 */
import {
  type Direction,
  foldPresence,
  type Override,
  type ParticipantId,
  type Presented,
  type Via,
} from '@gatehouse/domain'
import type { BoundedQueue, Clock } from '@gatehouse/runtime'
import type { Admit, Answered, Presentation } from './admit/admit.ts'
import type { Doorkeeper } from './door/doorkeeper.ts'
import type { Lamp } from './door/lamp.ts'
import { type AnswerView, type LiveMessage, type PersonView, personView } from './kiosk-api/wire.ts'
import type { JournalStore, RosterStore } from './store/ports.ts'

/** What a scanner or a member of staff brings; lane and direction are the gate's own unless they say otherwise. */
export interface Brought {
  readonly presented: Presented
  readonly via: Via
  readonly lane?: string
  readonly direction?: Direction
  readonly staff?: string
  readonly override?: Override
  readonly rssi?: number
}

export interface LaneNeeds {
  readonly lane: string
  readonly direction: Direction
  readonly admit: Admit
  readonly journal: JournalStore
  readonly roster: RosterStore
  readonly door: Doorkeeper
  readonly lamp: Lamp
  readonly clock: Pick<Clock, 'now' | 'monoMs'>
  readonly announce: (message: LiveMessage) => void
  /** For health and metrics; microseconds from reading to durable row and door. */
  readonly decided: (answer: AnswerView, tookUs: number) => void
}

export interface Lane {
  /** Judges one reading; when it returns, the decision is durable and the door has been told. */
  serve(brought: Brought): AnswerView
  /** Takes back an admission of this gate; false when there is none with this seq, or it was taken back before. */
  undo(seq: number, staff: string, note: string): boolean
  person(id: ParticipantId): PersonView | undefined
  find(words: string, atMost: number): readonly PersonView[]
  /** Newest first. */
  recent(atMost: number): readonly AnswerView[]
}

export function createLane(needs: LaneNeeds): Lane {
  const { admit, journal, roster, door, lamp, clock, announce } = needs
  const answers = createRecentAnswers()

  function serve(brought: Brought): AnswerView {
    const startedMs = clock.monoMs()
    const presentation: Presentation = { lane: needs.lane, direction: needs.direction, ...brought }
    const answered = admit.present(presentation)
    if (answered.effects.release && answered.row) door.release(answered.row.seq)
    lamp.show(answered.effects.light)
    const tookUs = Math.round((clock.monoMs() - startedMs) * 1000)
    const answer = view(presentation, answered)
    answers.keep(answer)
    needs.decided(answer, tookUs)
    announce({ event: 'answer', data: answer })
    return answer
  }

  function view({ lane, via, staff, override }: Presentation, { decision, row }: Answered): AnswerView {
    const { participant: id, ...said } = decision
    const participant = id && person(id)
    const by = override?.staff ?? staff
    return {
      ...(row && { seq: row.seq }),
      at: clock.now(),
      lane,
      direction: decision.direction,
      via,
      decision: said,
      ...(participant && { participant }),
      ...(by !== undefined && { staff: by }),
    }
  }

  function person(id: ParticipantId): PersonView | undefined {
    const participant = roster.participant(id)
    const rules = roster.rules()
    const presence = foldPresence(roster.presence(id), journal.marksOf(id), rules?.timeZone)
    return participant && personView(participant, presence, (gate) => rules?.gates?.[gate]?.name)
  }

  function undo(seq: number, staff: string, note: string): boolean {
    if (!answers.canUndo(seq)) return false
    admit.undo({ seq, staff, note })
    answers.undone(seq)
    announce({ event: 'undone', data: { seq } })
    return true
  }

  return {
    serve,
    undo,
    person,
    find: (words, atMost) => roster.search(words, atMost).flatMap(({ id }) => person(id) ?? []),
    recent: answers.newest,
  }
}

/** What a scanner puts into the lane's queue. */
export interface Waiting {
  readonly brought: Brought
  readonly answered?: (answer: AnswerView) => void
}

/** Takes what the scanners bring until told to end. */
export async function serveLane(lane: Lane, readings: BoundedQueue<Waiting>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const waiting = await readings.take(signal)
    if (!waiting) continue
    // Not inside the optional call below: its argument would not be evaluated where nobody wants the answer.
    const answer = lane.serve(waiting.brought)
    waiting.answered?.(answer)
  }
}

const KEPT = 100

/** The last answers, for the page's list and for undoing. */
function createRecentAnswers() {
  const kept: AnswerView[] = []
  const at = (seq: number) => kept.findIndex((answer) => answer.seq === seq)
  return {
    keep(answer: AnswerView) {
      kept.unshift(answer)
      if (kept.length > KEPT) kept.pop()
    },
    canUndo(seq: number): boolean {
      const answer = kept[at(seq)]
      return answer !== undefined && answer.decision.outcome === 'admit' && !answer.undone
    },
    undone(seq: number) {
      const answer = kept[at(seq)]
      if (answer) kept[at(seq)] = { ...answer, undone: true }
    },
    newest: (atMost: number): readonly AnswerView[] => kept.slice(0, atMost),
  }
}
