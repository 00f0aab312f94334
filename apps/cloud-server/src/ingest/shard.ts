/**
 * One writer: takes what waits, live before backlog and at most a thousand entries, checks it against what is held, commits it as one
 * transaction and acknowledges. A commit that finds its state stale (another process wrote) is checked again; a message that
 * the database itself cannot take is written alone, and parked if that fails too, so that it never holds up others.
 */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import { Failure } from '@gatehouse/runtime'
import { ackFor } from './acks.ts'
import { type CheckBatch, type Checked, needsHeld } from './check-batch.ts'
import type { EpochCache } from './epoch-cache.ts'
import type { JournalMessage } from './journal-message.ts'
import { chainOf, digestOfHash } from './journal-message.ts'
import type { IngestNeeds, IngestSettings, Verify } from './needs.ts'
import type { EpochState, GateBatch, Held, Parked } from './ports.ts'
import { addPart, missing } from './runs.ts'

export interface Waiting {
  readonly org: OrgId
  readonly gate: GateId
  readonly message: JournalMessage
  readonly entries: number
  readonly receivedAt: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export interface Shard {
  push(item: Waiting): void
  readonly waiting: number
  idle(): Promise<void>
}

export interface ShardNeeds extends IngestNeeds {
  readonly check: CheckBatch
  readonly settings: IngestSettings
  readonly cache: EpochCache
}

const staleCode = 'GH-INGEST-STALE'
const staleTriesAtMost = 6
/** A transaction of less than this part of the largest one is small. */
const SMALL_SHARE = 4

/** Checked but not yet committed. */
interface Group {
  readonly batches: Map<string, GateBatch>
  readonly checked: { readonly item: Waiting; readonly outcome: Checked }[]
  readonly gaps: Waiting[]
}

export function createShard(needs: ShardNeeds): Shard {
  const { store, cache, settings } = needs
  const live: Waiting[] = []
  const backlog: Waiting[] = []
  let waiting = 0
  let running: Promise<void> | undefined

  function push(item: Waiting): void {
    waiting += item.entries
    if (item.message.header.lane === 'live') live.push(item)
    else backlog.push(item)
    running ??= run().finally(() => {
      running = undefined
    })
  }

  async function run(): Promise<void> {
    // One turn later, so that what arrives in the same instant shares the transaction.
    await Promise.resolve()
    for (let isFirst = true; live.length + backlog.length > 0; isFirst = false) {
      if (!isFirst && waiting < settings.commitEntries / SMALL_SHARE) await needs.pause?.()
      const group = takeGroup()
      await settle(group)
      for (const { entries } of group) waiting -= entries
    }
  }

  /** Live first, but at least one backlog message each time: a busy gate must not starve one that catches up. */
  function takeGroup(): Waiting[] {
    const first = backlog.shift()
    const group: Waiting[] = []
    let entries = first?.entries ?? 0
    const takeFrom = (queue: Waiting[]) => {
      let count = 0
      for (const item of queue) {
        if (entries > 0 && entries + item.entries > settings.commitEntries) break
        entries += item.entries
        count += 1
      }
      group.push(...queue.splice(0, count))
    }
    takeFrom(live)
    if (first) group.push(first)
    takeFrom(backlog)
    return group
  }

  async function settle(items: readonly Waiting[]): Promise<void> {
    try {
      await commit(items)
    } catch (error) {
      if (items.length > 1 && !helpsToWait(error)) {
        for (const item of items) await settle([item])
      } else if (items[0] && !helpsToWait(error)) await parkWhole(items[0], error)
      else rejectAll(items, error)
    }
  }

  function rejectAll(items: readonly Waiting[], cause: unknown): void {
    const failure = new Failure('GH-INGEST-002', 'the database did not take the batch', { cause, waitingHelps: true })
    for (const { gate, message, reject } of items) {
      cache.drop(gate, message.header.epoch)
      reject(failure)
    }
  }

  async function commit(items: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const group = await checkAll(items)
      const batches = [...group.batches.values()]
      try {
        if (batches.length > 0) await store.commit(batches)
      } catch (error) {
        for (const { gate, epoch } of batches) cache.drop(gate, epoch)
        if (!isStale(error) || attempt >= staleTriesAtMost) throw error
        continue
      }
      for (const { after } of batches) cache.set(after)
      return conclude(group, batches)
    }
  }

  async function checkAll(items: readonly Waiting[]): Promise<Group> {
    const group: Group = { batches: new Map(), checked: [], gaps: [] }
    const known = await loadGates(items)
    for (const item of items) {
      const checked = checkOne(item, group, known)
      // Nearly all messages need nothing that is not here: thousands a second must not wait a turn each.
      const outcome = checked instanceof Promise ? await checked : checked
      if (outcome) group.checked.push({ item, outcome })
      else group.gaps.push(item)
    }
    return group
  }

  interface Gate {
    readonly verify: Verify | undefined
    readonly events: ReadonlySet<EventId>
  }

  async function loadGates(items: readonly Waiting[]): Promise<ReadonlyMap<GateId, Gate>> {
    const gates = new Map<GateId, Gate>()
    for (const { gate } of items) {
      if (gates.has(gate)) continue
      const [verify, events] = await Promise.all([needs.verifyOf(gate), store.eventsOf(gate)])
      gates.set(gate, { verify, events: new Set(events) })
    }
    return gates
  }

  function checkOne(item: Waiting, group: Group, gates: ReadonlyMap<GateId, Gate>) {
    const { epoch } = item.message.header
    const batch = group.batches.get(`${item.gate} ${epoch}`)
    const state = batch?.after ?? cache.peek(item.gate, epoch)
    if (!state || needsHeld(state, item.message)) return checkSlowly(item, group, gates, batch)
    return judge(item, group, gates, state, nothingHeld)
  }

  async function checkSlowly(
    item: Waiting,
    group: Group,
    gates: ReadonlyMap<GateId, Gate>,
    batch: GateBatch | undefined,
  ) {
    const state = batch?.after ?? (await cache.get(item.gate, item.message.header.epoch))
    return judge(item, group, gates, state, await heldFor(item, state, batch))
  }

  function judge(
    item: Waiting,
    group: Group,
    gates: ReadonlyMap<GateId, Gate>,
    state: EpochState,
    held: ReadonlyMap<number, Held>,
  ): Checked | undefined {
    const { gate, message, receivedAt } = item
    const key = `${gate} ${message.header.epoch}`
    const batch = group.batches.get(key)
    const { verify, events } = gates.get(gate) ?? { verify: undefined, events: noEvents }
    const outcome = needs.check({ message, state, held, verify: verify ?? (() => false), events, receivedAt })
    if (outcome && outcome.after !== state) group.batches.set(key, merge(item, batch, state, outcome))
    return outcome
  }

  /** What is held already, and what this very transaction is about to hold. */
  async function heldFor(item: Waiting, state: EpochState, batch: GateBatch | undefined) {
    const { header } = item.message
    if (!needsHeld(state, item.message)) return nothingHeld
    const held = new Map(await store.held(item.gate, header.epoch, header.from, header.to))
    for (const { seq, digest } of batch?.parked ?? []) if (!held.has(seq)) held.set(seq, { digest, parked: true })
    for (const { seq, digest } of batch?.facts ?? []) held.set(seq, { digest, parked: false })
    return held
  }

  function conclude({ checked, gaps }: Group, batches: readonly GateBatch[]): void {
    const states = new Map(batches.map((batch) => [`${batch.gate} ${batch.epoch}`, batch.after]))
    const answered = new Map<string, Waiting>()
    const stateOf = ({ gate, message }: Waiting, outcome: Checked) =>
      states.get(`${gate} ${message.header.epoch}`) ?? outcome.after
    for (const { item, outcome } of checked) {
      if (isPlain(stateOf(item, outcome), item, outcome))
        answered.set(`${item.gate} ${item.message.header.epoch}`, item)
    }
    for (const { item, outcome } of checked) {
      const { org, gate, message } = item
      const state = stateOf(item, outcome)
      for (const alert of outcome.alerts) needs.alert({ org, gate, epoch: message.header.epoch, ...alert })
      // One ack says "all of 1..n" for all plain messages of a gate; each of the others has something of its own to say.
      const isCovered = isPlain(state, item, outcome) && answered.get(`${gate} ${message.header.epoch}`) !== item
      if (!isCovered) needs.ack(org, gate, ackFor(state, message.header, outcome.parkedSeqs, needs.now()))
      item.resolve()
    }
    const failure = new Failure('GH-INGEST-003', 'too many gaps before this message', { waitingHelps: true })
    for (const { reject } of gaps) reject(failure)
    tellCommitted(batches)
  }

  function tellCommitted(batches: readonly GateBatch[]): void {
    if (!needs.committed) return
    const events = new Set<EventId>()
    let entries = 0
    for (const { facts } of batches) {
      entries += facts.length
      for (const { line } of facts) if (line.kind === 'decision') events.add(line.event)
    }
    if (entries > 0) needs.committed(events, entries)
  }

  /** The database takes neither the group nor this message: its lines are kept raw, and the gate goes on. */
  async function parkWhole(item: Waiting, cause: unknown): Promise<void> {
    try {
      const { org, gate, message } = item
      const state = await store.epoch(gate, message.header.epoch)
      const batch = wholeParked(item, state)
      if (!batch) return rejectAll([item], cause)
      await store.commit([batch])
      cache.set(batch.after)
      const detail = cause instanceof Error ? cause.message : undefined
      needs.alert({
        org,
        gate,
        what: 'refused-by-database',
        epoch: batch.epoch,
        seq: message.header.from,
        ...(detail ? { detail } : {}),
      })
      needs.ack(
        org,
        gate,
        ackFor(
          batch.after,
          message.header,
          batch.parked.map(({ seq }) => seq),
          needs.now(),
        ),
      )
      item.resolve()
    } catch (error) {
      rejectAll([item], error)
    }
  }

  return {
    push,
    get waiting() {
      return waiting
    },
    async idle() {
      while (running) await running
    },
  }
}

function isPlain(state: EpochState, { message }: Waiting, { parkedSeqs }: Checked): boolean {
  return parkedSeqs.length === 0 && !state.forked && message.header.to <= state.through
}

const nothingHeld: ReadonlyMap<number, Held> = new Map()
const noEvents: ReadonlySet<EventId> = new Set()

function isStale(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === staleCode
}

/** A connection that broke or a deadlock passes by itself; data that cannot be stored never does. */
function helpsToWait(error: unknown): boolean {
  if (isStale(error)) return true
  if (error instanceof Failure) return error.waitingHelps
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return !(code.startsWith('22') || code.startsWith('23'))
}

/** All messages of one gate's epoch in this transaction become one batch. */
function merge(
  { org, gate, message, receivedAt }: Waiting,
  batch: GateBatch | undefined,
  state: EpochState,
  outcome: Checked,
): GateBatch {
  const before = batch?.before ?? state
  return {
    org,
    gate,
    epoch: message.header.epoch,
    facts: batch ? [...batch.facts, ...outcome.facts] : outcome.facts,
    parked: batch ? [...batch.parked, ...outcome.parked] : outcome.parked,
    raw: [...(batch?.raw ?? []), ...(outcome.raw ? [outcome.raw] : [])],
    before,
    after: { ...outcome.after, revision: before.revision + 1 },
    receivedAt,
  }
}

function wholeParked(item: Waiting, state: EpochState): GateBatch | undefined {
  const { header, lines } = item.message
  const { hashes } = chainOf(item.message)
  const parked: Parked[] = []
  let ranges: Pick<EpochState, 'through' | 'head' | 'runs'> | undefined = state
  for (const part of missing(state, header)) {
    const at = (seq: number) => Buffer.from(hashes[seq - header.from + 1] as Uint8Array)
    for (let seq = part.from; seq <= part.to; seq += 1) {
      parked.push({
        seq,
        raw: lines[seq - header.from] ?? '',
        reason: 'refused-by-database',
        digest: digestOfHash(at(seq)),
      })
    }
    const prev = part.from === header.from ? header.prev : at(part.from - 1).toString('hex')
    ranges = ranges && addPart(ranges, { ...part, prev, head: at(part.to).toString('hex') })
  }
  if (!ranges) return undefined
  const { org, gate, receivedAt } = item
  const after = { ...state, ...ranges, revision: state.revision + 1 }
  return { org, gate, epoch: header.epoch, facts: [], parked, raw: [], before: state, after, receivedAt }
}
