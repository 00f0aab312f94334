/**
 * The invariants that hold once everything has calmed down: each fact exactly once, chains whole, counts equal to facts, double entries
 * flagged, and all gates with nothing left to say and nothing left to hear.
 */
import type { GateId } from '@gatehouse/domain'
import { chainHash, GENESIS, toHex } from '@gatehouse/protocol'
import type { Agent } from './agent.ts'
import type { Life } from './stores/map-cloud.ts'
import type { World } from './world.ts'

const short = (id: string) => id.slice(0, 4)

export function isAtRest(world: World): boolean {
  return (
    world.agents.size === world.plan.gates &&
    [...world.agents.values()].every((agent) => restlessness(world, agent) === undefined)
  )
}

/** What this gate still lacks; undefined when nothing. */
function restlessness({ database }: World, agent: Agent): string | undefined {
  if (agent.isDead) return 'is dead'
  const { journal, roster } = agent.disk
  for (const { epoch, lastSeq, ackedThrough } of journal.epochs()) {
    if (ackedThrough < lastSeq) return `has ${lastSeq - ackedThrough} unsent entries of ${short(epoch)}`
  }
  for (const feed of ['roster', 'presence'] as const) {
    const lag = database.head(feed) - roster.cursor(feed)
    if (lag !== 0) return `is ${lag} behind in ${feed}`
    if (database.pending(feed) > 0) return `waits for ${feed}`
  }
  return roster.root() === database.root() ? undefined : 'has another roster'
}

export function checkAtRest(world: World): void {
  const { truth } = world
  for (const agent of world.agents.values()) {
    const lack = restlessness(world, agent)
    if (lack) truth.violate('I13', `gate ${short(agent.gate)} ${lack}`)
  }
  if (world.database.root() !== truth.roster.rootAt(world.database.head('roster'))) {
    truth.violate('I6', 'the cloud has another roster than the organizer wants')
  }
  checkFacts(world)
  for (const life of world.database.lives.values()) checkChain(world, life)
  checkStats(world)
  checkDoubleEntries(world)
}

function checkFacts({ truth, clones }: World): void {
  if (clones.size > 0) throw new Error('a clone is still there')
  for (const { gate, isSeen, facts, excused, at } of truth.presented.values()) {
    if (isSeen && facts === 0 && !excused) {
      truth.violate('I1', `an answer of ${short(gate)} at ${(at / 1000).toFixed(3)} s never reached the cloud`)
    }
  }
}

/** I11: the lines that were kept lead from nothing to the head that is held. */
function checkChain({ truth }: World, { state, raw }: Life): void {
  if (state.forked) return
  const hashes = new Map<number, string>([[0, toHex(GENESIS)]])
  for (const { from, prev, bytes } of [...raw].sort((one, other) => one.from - other.from)) {
    if ((hashes.get(from - 1) ?? prev) !== prev) truth.violate('I11', `${short(state.gate)}: ${from} does not follow`)
    const lines = Buffer.from(bytes).toString().split('\n').slice(0, -1)
    let hash: Uint8Array = Buffer.from(prev, 'hex')
    for (const [index, line] of lines.entries()) {
      hash = chainHash(hash, line)
      const known = hashes.get(from + index)
      if (known !== undefined && known !== toHex(hash))
        truth.violate('I11', `${short(state.gate)}: ${from + index} twice`)
      hashes.set(from + index, toHex(hash))
    }
  }
  const head = hashes.get(state.through)
  if (head !== undefined && head !== state.head) truth.violate('I11', `${short(state.gate)}: head ${state.through}`)
}

/** I9: the counters are what the facts say. */
function checkStats({ truth, database }: World): void {
  const byGate = new Map<GateId, number>()
  let decisions = 0
  let admitted = 0
  for (const { state, facts } of database.lives.values()) {
    for (const { line } of facts.values()) {
      if (line.kind !== 'decision') continue
      decisions += 1
      if (line.outcome === 'admit') admitted += 1
      byGate.set(state.gate, (byGate.get(state.gate) ?? 0) + 1)
    }
  }
  const { stats } = database
  if (decisions !== stats.decisions || admitted !== stats.admitted) {
    truth.violate('I9', `counted ${stats.decisions}/${stats.admitted}, facts are ${decisions}/${admitted}`)
  }
  for (const [gate, count] of byGate)
    if (stats.byGate.get(gate) !== count) truth.violate('I9', `count of ${short(gate)}`)
}

/** I12: a single-use ticket that let people in at two places is seen in the cloud. */
function checkDoubleEntries({ truth, database }: World): void {
  const entries = new Map<string, { origin: string; gate: string }[]>()
  const spoilt = new Set<string>()
  for (const { state, facts } of database.lives.values()) {
    for (const [seq, { line }] of facts) {
      if (line.kind === 'undo' || (line.kind === 'decision' && line.direction === 'exit'))
        spoilt.add(lineOwner(line) ?? '*')
      if (line.kind !== 'decision' || line.outcome !== 'admit' || line.direction !== 'entry' || !line.participant)
        continue
      const theirs = entries.get(line.participant) ?? []
      theirs.push({ origin: `${state.gate} ${state.epoch} ${seq}`, gate: state.gate })
      entries.set(line.participant, theirs)
    }
  }
  if (spoilt.has('*')) return
  for (const [person, theirs] of entries) {
    const places = new Set(theirs.map(({ gate }) => gate))
    if (places.size < 2 || spoilt.has(person)) continue
    if (!theirs.some(({ origin }) => database.doubleEntries.has(origin)))
      truth.violate('I12', `double entry of ${short(person)} unseen`)
  }
}

function lineOwner(line: { kind: string; participant?: string | undefined }): string | undefined {
  return line.kind === 'undo' ? undefined : line.participant
}
