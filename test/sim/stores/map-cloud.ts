/**
 * The cloud's database as maps: facts, epochs, presence, the two change feeds. It keeps the same promises as PostgreSQL does behind the
 * ports: a commit is all or nothing and refused when its state is stale, numbers are given under the event's lock and without
 * gaps. All of it is durable; what can be lost is only the way to it, which `reach` stands for.
 */
import type { Covered, Covers, FeedRows, FeedStore } from '@gatehouse/cloud-server/downlink/ports.ts'
import type {
  EpochState,
  Fact,
  GateBatch,
  Held,
  IngestStore,
  Parked,
  RawLines,
} from '@gatehouse/cloud-server/ingest/ports.ts'
import {
  type EpochId,
  type EventId,
  foldPassage,
  type GateId,
  type OrgId,
  type ParticipantId,
  type Passage,
  type Presence,
} from '@gatehouse/domain'
import {
  addRow,
  bucketOf,
  bucketsToHex,
  canonicalJson,
  differingBuckets,
  emptyBuckets,
  type FeedName,
  GENESIS,
  type RosterLine,
  removeRow,
  rootOf,
  toHex,
} from '@gatehouse/protocol'

interface FeedRow {
  readonly version: number
  readonly line: string
  readonly isGone: boolean
  readonly kind: string
  readonly id: string
}

interface Pending {
  readonly kind: string
  readonly id: string
  readonly line: string
  readonly isGone: boolean
}

interface Feed {
  head: number
  horizon: number
  /** In version order: a changed row is put at the end. */
  readonly rows: Map<string, FeedRow>
  readonly pending: Map<string, Pending>
}

export interface Life {
  state: EpochState
  readonly facts: Map<number, Fact>
  readonly parked: Map<number, Parked[]>
  readonly raw: RawLines[]
}

interface Numbered {
  readonly feed: FeedName
  readonly to: number
  /** True when nothing is left without a number, so that this version is the whole truth of its moment. */
  readonly isWhole: boolean
}

export interface MapCloud {
  /** The ports as one process sees them. */
  connect(reach: Reach): IngestStore & FeedStore
  changeRoster(line: RosterLine): void
  /** Forgets removals up to here; gates behind it get a snapshot. */
  moveHorizon(feed: FeedName, to: number): void
  readonly lives: ReadonlyMap<string, Life>
  readonly presences: ReadonlyMap<ParticipantId, Presence>
  readonly stats: { decisions: number; admitted: number; byGate: Map<GateId, number> }
  /** Origin keys of entries that found the person inside already. */
  readonly doubleEntries: ReadonlySet<string>
  head(feed: FeedName): number
  pending(feed: FeedName): number
  root(): string
  onCommit: (batch: GateBatch, fresh: readonly Fact[]) => void
  onNumber: (numbered: Numbered) => void
}

/** The way to the database: takes its time, and rejects when it is cut. */
type Reach = () => Promise<void>

export function createMapCloud(org: OrgId, event: EventId): MapCloud {
  const lives = new Map<string, Life>()
  const presences = new Map<ParticipantId, Presence>()
  const passages = new Map<ParticipantId, Map<string, Passage>>()
  const stats = { decisions: 0, admitted: 0, byGate: new Map<GateId, number>() }
  const doubleEntries = new Set<string>()
  const feeds: Record<FeedName, Feed> = { roster: newFeed(), presence: newFeed() }
  const buckets = emptyBuckets()
  const coverNext = new Map<GateId, Covered>()
  const covered = new Map<GateId, Covered>()
  const undone = new Set<string>()

  const cloud: MapCloud = {
    connect: (reach) => ({ ...ingestStore(reach), ...feedStore(reach) }),
    changeRoster,
    moveHorizon,
    lives,
    presences,
    stats,
    doubleEntries,
    head: (feed) => feeds[feed].head,
    pending: (feed) => feeds[feed].pending.size,
    root: () => rootOf(buckets),
    onCommit: () => undefined,
    onNumber: () => undefined,
  }

  function stateOf(gate: GateId, epoch: EpochId): EpochState {
    return lives.get(`${gate} ${epoch}`)?.state ?? newState(gate, epoch)
  }

  function ingestStore(reach: Reach): IngestStore {
    return {
      async epoch(gate, epoch) {
        await reach()
        return stateOf(gate, epoch)
      },
      async held(gate, epoch, from, to) {
        await reach()
        return heldIn(lives.get(`${gate} ${epoch}`), from, to)
      },
      async commit(batches) {
        await reach()
        for (const { before } of batches) {
          if (stateOf(before.gate, before.epoch).revision !== before.revision) throw stale()
        }
        for (const batch of batches) write(batch)
        // The answer of the database may be lost although it has committed.
        await reach()
      },
      eventsOf: async () => [event],
    }
  }

  function write(batch: GateBatch): void {
    const key = `${batch.gate} ${batch.epoch}`
    const life: Life = lives.get(key) ?? { state: batch.before, facts: new Map(), parked: new Map(), raw: [] }
    lives.set(key, life)
    life.state = batch.after
    life.raw.push(...batch.raw)
    for (const parked of batch.parked) {
      const there = life.parked.get(parked.seq) ?? []
      if (!there.some(({ digest }) => digest === parked.digest)) life.parked.set(parked.seq, [...there, parked])
    }
    for (const fact of batch.facts) {
      life.facts.set(fact.seq, fact)
      count(batch, fact)
    }
    coverNext.set(batch.gate, { epoch: batch.epoch, through: batch.after.through })
    cloud.onCommit(batch, batch.facts)
  }

  function count({ gate, epoch }: GateBatch, { seq, line }: Fact): void {
    if (line.kind === 'undo') return takeBack(`${gate} ${line.ofEpoch ?? epoch} ${line.of}`)
    if (line.kind !== 'decision') return
    stats.decisions += 1
    stats.byGate.set(gate, (stats.byGate.get(gate) ?? 0) + 1)
    if (line.outcome !== 'admit') return
    stats.admitted += 1
    const origin = `${gate} ${epoch} ${seq}`
    if (line.participant === undefined || undone.has(origin)) return
    const { participant, direction, at } = line
    if (direction === 'entry' && presences.get(participant)?.inside) doubleEntries.add(origin)
    const theirs = passages.get(participant) ?? new Map<string, Passage>()
    passages.set(participant, theirs)
    const passage = { participant, gate, direction, at }
    theirs.set(origin, passage)
    setPresence(participant, foldPassage(presences.get(participant), passage))
  }

  function takeBack(origin: string): void {
    undone.add(origin)
    for (const [participant, theirs] of passages) {
      if (!theirs.delete(origin)) continue
      let presence: Presence | undefined
      for (const passage of theirs.values()) presence = foldPassage(presence, passage)
      // Somebody who was never there after all: known, outside, without entries.
      const nobody = presences.get(participant)
      if (presence) setPresence(participant, presence)
      else if (nobody) setPresence(participant, { ...nobody, inside: false, entries: 0, lastDirection: 'exit' })
    }
  }

  function setPresence(id: ParticipantId, presence: Presence): void {
    presences.set(id, presence)
    put(feeds.presence, { kind: 'presence', id, line: canonicalJson({ kind: 'presence', ...presence }), isGone: false })
  }

  function changeRoster(line: RosterLine): void {
    const kind = line.kind === 'remove' ? line.of : line.kind
    put(feeds.roster, { kind, id: line.id, line: canonicalJson(line), isGone: line.kind === 'remove' })
  }

  /** Coalesced: only the latest state waits for a number. */
  function put(feed: Feed, row: Pending): void {
    const key = `${row.kind}:${row.id}`
    feed.pending.delete(key)
    feed.pending.set(key, row)
  }

  function moveHorizon(name: FeedName, to: number): void {
    const feed = feeds[name]
    feed.horizon = Math.max(feed.horizon, Math.min(to, feed.head))
    for (const [key, row] of feed.rows) if (row.isGone && row.version <= feed.horizon) feed.rows.delete(key)
  }

  function feedStore(reach: Reach): FeedStore {
    return {
      async pending(feed) {
        await reach()
        return feeds[feed].pending.size > 0 ? [{ org, event }] : []
      },
      async number(_events, feed, limit) {
        await reach()
        const numbered = numberNow(feed, limit)
        await reach()
        return numbered ? [{ ...numbered, org, event }] : []
      },
      async head(_event, feed) {
        await reach()
        return feeds[feed].head
      },
      async horizon(_event, feed) {
        await reach()
        return feeds[feed].horizon
      },
      async after(_event, feed, cursor, atMostBytes) {
        await reach()
        return after(feed, cursor, atMostBytes)
      },
      async coversOf(_event, gate) {
        await reach()
        return covered.get(gate)
      },
      async differing(_event, theirs, atMostBytes) {
        await reach()
        return differing(theirs, atMostBytes)
      },
    }
  }

  function numberNow(name: FeedName, limit: number) {
    const feed = feeds[name]
    if (feed.pending.size === 0) return undefined
    const more = feed.pending.size > limit
    const covers: Covers = name === 'presence' && !more ? new Map([...coverNext].slice(0, 32)) : new Map()
    for (const [gate, cover] of covers) {
      covered.set(gate, cover)
      coverNext.delete(gate)
    }
    const from = feed.head
    const lines: string[] = []
    for (const [key, row] of [...feed.pending].slice(0, limit)) {
      feed.pending.delete(key)
      giveNumber(name, feed, key, row)
      lines.push(row.line)
    }
    cloud.onNumber({ feed: name, to: feed.head, isWhole: !more })
    const root = name === 'roster' ? { root: rootOf(buckets) } : {}
    return { from, to: feed.head, head: feed.head, more, lines, covers, ...root }
  }

  function giveNumber(name: FeedName, feed: Feed, key: string, row: Pending): void {
    const old = feed.rows.get(key)
    feed.head += 1
    feed.rows.delete(key)
    feed.rows.set(key, { ...row, version: feed.head })
    if (name !== 'roster') return
    if (old && !old.isGone) removeRow(buckets, row.kind, row.id, old.line)
    if (!row.isGone) addRow(buckets, row.kind, row.id, row.line)
  }

  function differing(theirs: readonly string[], atMostBytes: number) {
    const differ = differingBuckets(bucketsToHex(buckets), theirs)
    const { head } = feeds.roster
    const lines: string[] = []
    const taken: number[] = []
    let bytes = 0
    for (const bucket of differ) {
      const isIn = (row: FeedRow) => !row.isGone && bucketOf(row.kind, row.id) === bucket
      const rows = [...feeds.roster.rows.values()].filter(isIn).map(({ line }) => line)
      bytes += rows.reduce((sum, line) => sum + line.length + 1, 0)
      if (bytes > atMostBytes && taken.length > 0) break
      taken.push(bucket)
      lines.push(...rows)
    }
    const more = taken.length < differ.length
    return { buckets: taken, lines, to: head, head, more, ...(more ? {} : { root: rootOf(buckets) }) }
  }

  function after(name: FeedName, cursor: number, atMostBytes: number): FeedRows {
    const { head, rows } = feeds[name]
    const lines: string[] = []
    let bytes = 0
    let to = cursor
    for (const row of rows.values()) {
      if (row.version <= cursor) continue
      bytes += row.line.length + 1
      if (bytes > atMostBytes && lines.length > 0) return { lines, to, head, more: true }
      lines.push(row.line)
      to = row.version
    }
    return { lines, to: head, head, more: false, ...(name === 'roster' ? { root: rootOf(buckets) } : {}) }
  }

  return cloud
}

function newFeed(): Feed {
  return { head: 0, horizon: 0, rows: new Map(), pending: new Map() }
}

function newState(gate: GateId, epoch: EpochId): EpochState {
  return { gate, epoch, through: 0, head: toHex(GENESIS), runs: [], signedTo: 0, forked: false, revision: 0 }
}

function stale(): Error {
  return Object.assign(new Error('somebody else has committed meanwhile'), { code: 'GH-INGEST-STALE' })
}

function heldIn(life: Life | undefined, from: number, to: number): ReadonlyMap<number, Held> {
  const held = new Map<number, Held>()
  for (let seq = from; life && seq <= to; seq += 1) {
    const fact = life.facts.get(seq)
    const parked = life.parked.get(seq)?.[0]
    if (fact) held.set(seq, { digest: fact.digest, parked: false })
    else if (parked) held.set(seq, { digest: parked.digest, parked: true })
  }
  return held
}
