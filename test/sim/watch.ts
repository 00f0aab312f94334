/**
 * The invariants that are checked while things happen (faults.md §4): each look is cheap and comes at the very moment at which the
 * promise could break, so that a violation names the step that caused it.
 */
import type { GateId, ParticipantId } from '@gatehouse/domain'
import type { Answered, Presentation } from '@gatehouse/gate-agent/admit/admit.ts'
import type { UplinkNote } from '@gatehouse/gate-agent/uplink/uplink.ts'
import type { Ack, DecisionLine, FeedHeader, JournalLine } from '@gatehouse/protocol'
import type { Agent } from './agent.ts'
import type { Disk } from './disk.ts'
import { poisonMark } from './net.ts'
import type { Presented } from './truth.ts'
import type { World } from './world.ts'

export interface Watch {
  presents(agent: Agent, monoMs: number): Presented
  /** What must be known before the gate is asked. */
  before(agent: Agent, presentation: Presentation): number
  answered(
    agent: Agent,
    presentation: Presentation,
    answered: Answered,
    presented: Presented,
    rosterCursor: number,
  ): void
  undone(person: ParticipantId): void
  ack(gate: GateId, ack: Ack): void
  page(agent: Agent, header: FeedHeader): void
  uplinkNote(agent: Agent, note: UplinkNote): void
  diskLost(gate: GateId, lost: Disk, restored: Disk): void
  cloned(gate: GateId): void
  /** The clone is taken away, with whatever it had not delivered. */
  cloneGone(clone: Agent): void
}

interface OwnPassage {
  readonly agent: string
  readonly isEntry: boolean
  readonly at: number
}

/** Who made this entry, in words that survive being journalled again. */
function keyOf(gate: string, { boot, monoMs }: Pick<JournalLine, 'boot' | 'monoMs'>): string {
  return `${gate} ${boot} ${monoMs}`
}

export function createWatch(world: World): Watch {
  const { truth, database, schedule } = world
  /** Gates whose disk was lost or doubled: they may open new epochs. */
  const unlucky = new Set<string>()
  const lastPassage = new Map<ParticipantId, OwnPassage>()
  /** People about whom clocks or an undo leave no single order. */
  const unclear = new Set<ParticipantId>()
  /** Per gate: the head of the newest answer of which only a part was there. */
  const catchUpTo = new Map<string, number>()
  const repairing = new WeakSet<Agent>()
  const short = (id: string) => id.slice(0, 4)

  database.onNumber = ({ feed, to, isWhole }) => {
    if (feed === 'roster' && isWhole) truth.roster.wholeAt(to)
  }

  database.onCommit = (batch, facts) => {
    const { gate, epoch, after, before } = batch
    world.trace(
      `commit ${short(gate)} ${short(epoch)} through ${before.through}→${after.through}, ${facts.length} facts, ${batch.parked.length} parked`,
    )
    const life = database.lives.get(`${gate} ${epoch}`)
    for (let seq = before.through + 1; life && seq <= after.through; seq += 1) {
      if (!life.facts.has(seq) && !life.parked.has(seq))
        truth.violate('I3', `${short(gate)} has no ${seq} of 1..${after.through}`)
    }
    for (const { line } of facts) if (line.kind === 'decision') countFact(gate, line)
  }

  function countFact(gate: GateId, line: DecisionLine): void {
    const presented = truth.presented.get(keyOf(gate, line))
    if (!presented) return truth.violate('I1', `a fact of ${short(gate)} that nobody made`)
    presented.facts += 1
    if (presented.facts > 1) truth.violate('I1', `a fact of ${short(gate)} is there ${presented.facts} times`)
    if (presented.outcome !== undefined && presented.outcome !== line.outcome) {
      truth.violate('I1', `${short(gate)} answered ${presented.outcome}, the fact says ${line.outcome}`)
    }
  }

  function presents(agent: Agent, monoMs: number): Presented {
    const { gate, boot } = agent
    const key = keyOf(gate, { boot, monoMs })
    const presented: Presented = { key, gate, at: schedule.now, isSeen: false, facts: 0, excused: false }
    truth.presented.set(key, presented)
    return presented
  }

  function answered(
    agent: Agent,
    presentation: Presentation,
    answer: Answered,
    presented: Presented,
    cursor: number,
  ): void {
    const { decision, effects, row } = answer
    world.trace(
      `${short(agent.gate)} ${decision.outcome}${decision.repeated ? ' (repeated)' : ''} ${decision.reason ?? ''} row ${row?.seq ?? '-'} ${presentation.direction} ${short(decision.participant ?? 'none')}`,
    )
    if (!row) {
      truth.presented.delete(presented.key)
      if (effects.release) truth.violate('I7', 'the door opened without a journal entry')
      return
    }
    presented.isSeen = true
    presented.outcome = decision.outcome
    if (effects.release) {
      const { journal } = agent.disk
      const [there] = journal.rows(journal.epoch(), row.seq, 1)
      if (there?.line !== row.line) truth.violate('I7', `${short(agent.gate)} opened before ${row.seq} was on disk`)
    }
    const isFreelyAdmitted = decision.outcome === 'admit' && !decision.overridden && presentation.direction === 'entry'
    if (isFreelyAdmitted) checkRevoked(agent, presentation, cursor)
    if (decision.participant) passed(agent, decision.participant, answer, isFreelyAdmitted)
  }

  /** I5: what the gate has applied, it obeys. */
  function checkRevoked(agent: Agent, { presented }: Presentation, cursor: number): void {
    const id = presented.kind === 'participant' ? presented.id : ownerOf(presented)
    if (!id || isCatchingUp(agent.gate, cursor)) return
    const line = truth.roster.at(cursor, id)
    if (line === undefined) return
    const who = `${short(agent.gate)} at cursor ${cursor} admitted ${short(id)}`
    if (line === 'nobody') return truth.violate('I5', `${who}, who is not registered`)
    if (line.status !== 'active') return truth.violate('I5', `${who}, who is ${line.status}`)
    if (presented.kind !== 'credential') return
    const credential = line.credentials.find(({ key }) => key === presented.key)
    if (credential?.status !== 'active') truth.violate('I5', `${who} with a revoked credential`)
  }

  function ownerOf(presented: Presentation['presented']): string | undefined {
    if (presented.kind !== 'credential') return undefined
    for (const line of truth.roster.wanted.values()) {
      if (line.kind === 'participant' && line.credentials.some(({ key }) => key === presented.key)) return line.id
    }
    return undefined
  }

  /** A gate remembers its own passages: it never lets the same person in twice in a row (where the clocks agree on the order). */
  function passed(agent: Agent, person: ParticipantId, { decision, row }: Answered, isFreelyAdmitted: boolean): void {
    if (decision.outcome !== 'admit' || !row) return
    const { at } = JSON.parse(row.line) as DecisionLine
    const before = lastPassage.get(person)
    const isEntry = decision.direction === 'entry'
    const owner = `${agent.gate} ${agent.lineage}`
    if (before && at <= before.at) unclear.add(person)
    const line = truth.roster.wanted.get(`participant:${person}`)
    const isBound = line?.kind === 'participant' && line.entryPolicy !== 'unlimited'
    if (isFreelyAdmitted && isBound && before?.isEntry && before.agent === owner && !unclear.has(person)) {
      truth.violate('I12', `${short(agent.gate)} let ${short(person)} in twice without an exit`)
    }
    lastPassage.set(person, { agent: owner, isEntry, at })
  }

  /** I2, I1: an ack promises that all of 1..through are in the database now. */
  function ack(gate: GateId, { epoch, through, parked, echo, newEpoch }: Ack): void {
    world.trace(`ack ${short(gate)} ${short(epoch)} through ${through} ${JSON.stringify({ parked, echo, newEpoch })}`)
    const durable = database.lives.get(`${gate} ${epoch}`)?.state.through ?? 0
    if (through > durable) truth.violate('I2', `acked ${short(gate)} through ${through}, committed is ${durable}`)
  }

  /** I6: where the whole truth has this number, the gate's roster has its root, unless it was damaged and knows. */
  function page(agent: Agent, header: FeedHeader): void {
    const { roster } = agent.disk
    const cursor = roster.cursor('roster')
    if (header.feed === 'roster' && header.more) {
      catchUpTo.set(agent.gate, Math.max(header.head, catchUpTo.get(agent.gate) ?? 0))
    }
    const wanted = isCatchingUp(agent.gate, cursor) ? undefined : truth.roster.rootAt(cursor)
    if (wanted === undefined || world.plan.rot) return
    if (roster.root() === wanted) return void repairing.delete(agent)
    // A removal forgotten between two pages of a snapshot is seen by the root at its end, and repaired by buckets.
    if (header.snapshot && agent.noticedAt === schedule.now) repairing.add(agent)
    if (!repairing.has(agent)) truth.violate('I6', `${short(agent.gate)} has another roster at ${cursor}`)
  }

  /** Between the pages of one answer a row that changed again since is not there yet: it comes with its newest number. */
  function isCatchingUp(gate: string, cursor: number): boolean {
    return cursor < (catchUpTo.get(gate) ?? 0)
  }

  function uplinkNote(agent: Agent, note: UplinkNote): void {
    world.trace(`gate ${short(agent.gate)}: ${JSON.stringify(note)}`)
    if (note.what === 'new-epoch' && !unlucky.has(agent.gate)) {
      truth.violate('I3', `${short(agent.gate)} opened a new epoch although its disk was never lost`)
    }
    if (note.what !== 'parked-by-gate') return
    const [row] = agent.disk.journal.rows(note.epoch, note.seq, 1)
    if (row && !row.line.includes(poisonMark))
      truth.violate('I10', `${short(agent.gate)} gave up the good line ${note.seq}`)
  }

  /** What stood only on the lost disk is excused, if it does not arrive after all. */
  function diskLost(gate: GateId, _lost: Disk, restored: Disk): void {
    unlucky.add(gate)
    const kept = new Set<string>()
    const { journal } = restored
    for (const { epoch, lastSeq } of journal.epochs()) {
      for (const { line } of journal.rows(epoch, 1, lastSeq)) kept.add(keyOf(gate, JSON.parse(line) as JournalLine))
    }
    for (const presented of truth.presented.values()) {
      if (presented.gate === gate && !kept.has(presented.key)) presented.excused = true
    }
  }

  return {
    presents,
    before: (agent) => agent.disk.roster.cursor('roster'),
    answered,
    undone: (person) => void unclear.add(person),
    ack,
    page,
    uplinkNote,
    diskLost,
    cloned: (gate) => void unlucky.add(gate),
    cloneGone({ gate, boot }) {
      for (const presented of truth.presented.values()) {
        if (presented.key.startsWith(`${gate} ${boot} `)) presented.excused = true
      }
    },
  }
}
