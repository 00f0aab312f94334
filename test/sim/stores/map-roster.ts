/**
 * The gate's roster as maps: the fast mode of the simulator. Transactions are remembered since the last checkpoint, because this file is
 * not synced at each of them (NORMAL): a power cut takes the last ones, whole and in order, and the feed brings them again.
 */
import {
  type CredentialKey,
  type EventRules,
  type Participant,
  type ParticipantId,
  type Presence,
} from '@gatehouse/domain'
import { rankPeople, wordsOf } from '@gatehouse/gate-agent/store/name-search.ts'
import type { FeedPage, RosterRow, RosterStore } from '@gatehouse/gate-agent/store/ports.ts'
import {
  addRow,
  bucketOf,
  bucketsToHex,
  emptyBuckets,
  type FeedName,
  type PresenceLine,
  removeRow,
  rootOf,
} from '@gatehouse/protocol'

interface RosterState {
  cursors: Record<FeedName, number>
  /** By `kind:id`. */
  rows: Map<string, RosterRow>
  byKey: Map<CredentialKey, ParticipantId>
  presences: Map<ParticipantId, PresenceLine>
  buckets: bigint[]
  isWhole: boolean
}

export interface MapRoster extends RosterStore {
  /** The state after all but the last `lost` transactions (as far as they are still remembered): what a power cut leaves. */
  survivor(lost: number): MapRoster
  /** Changes one stored row behind the store's back, as a bad block would. False when there is none. */
  rot(pick: (count: number) => number): boolean
}

const transactionsKept = 12

function emptyState(): RosterState {
  const cursors = { roster: 0, presence: 0 }
  return { cursors, rows: new Map(), byKey: new Map(), presences: new Map(), buckets: emptyBuckets(), isWhole: false }
}

function copyState(state: RosterState): RosterState {
  return {
    cursors: { ...state.cursors },
    rows: new Map(state.rows),
    byKey: new Map(state.byKey),
    presences: new Map(state.presences),
    buckets: [...state.buckets],
    isWhole: state.isWhole,
  }
}

export function createMapRoster(start: RosterState = emptyState()): MapRoster {
  const durable = start
  const state = copyState(start)
  const since: ((state: RosterState) => void)[] = []
  let staged: Partial<Record<FeedName, RosterState>> = {}
  let rootKnown: string | undefined

  /** One transaction. */
  function transact(change: (state: RosterState) => void): void {
    change(state)
    since.push(change)
    rootKnown = undefined
    if (since.length <= transactionsKept) return
    for (const each of since.splice(0, transactionsKept / 2)) each(durable)
  }

  function applyRoster(page: FeedPage<RosterRow>): void {
    transact((target) => {
      for (const row of page.lines) putRow(target, row)
      target.cursors.roster = page.to
    })
  }

  function applyPresence(page: FeedPage<PresenceLine>): void {
    transact((target) => {
      for (const line of page.lines) target.presences.set(line.id, line)
      target.cursors.presence = page.to
    })
  }

  function stageSnapshot(feed: FeedName, page: FeedPage<RosterRow> | FeedPage<PresenceLine>): void {
    const target = page.from === 0 ? emptyState() : (staged[feed] ?? emptyState())
    for (const line of page.lines) {
      if ('text' in line) putRow(target, line)
      else target.presences.set(line.id, line)
    }
    staged = { ...staged, [feed]: target }
  }

  function finishSnapshot(feed: FeedName, cursor: number): void {
    const { [feed]: taken, ...others } = staged
    staged = others
    if (!taken) throw new Error('no snapshot is staged')
    transact((target) => {
      const fresh = copyState(taken)
      target.cursors[feed] = cursor
      if (feed === 'presence') target.presences = fresh.presences
      else Object.assign(target, { rows: fresh.rows, byKey: fresh.byKey, buckets: fresh.buckets })
    })
  }

  function person(id: ParticipantId): Participant | undefined {
    const line = state.rows.get(`participant:${id}`)?.line
    return line?.kind === 'participant' ? (line as Participant) : undefined
  }

  function inside() {
    const byZone = new Map<string, number>()
    let event = 0
    for (const presence of state.presences.values()) {
      if (!presence.inside) continue
      event += 1
      if (presence.zone) byZone.set(presence.zone, (byZone.get(presence.zone) ?? 0) + 1)
    }
    return { event, byZone }
  }

  return {
    cursor: (feed) => state.cursors[feed],
    root: () => (rootKnown ??= rootOf(state.buckets)),
    buckets: () => bucketsToHex(state.buckets),
    rows: () => [...state.rows.values()].filter(({ line }) => line.kind === 'participant').length,
    rules() {
      for (const { line } of state.rows.values()) if (line.kind === 'rules') return line as EventRules
      return undefined
    },
    participant: person,
    byCredential(key) {
      const id = state.byKey.get(key)
      return id && person(id)
    },
    presence: (id) => state.presences.get(id) as Presence | undefined,
    inside,
    isWhole: () => state.isWhole,
    markWhole: () =>
      transact((target) => {
        target.isWhole = true
      }),
    applyRoster,
    applyPresence,
    replaceBuckets(buckets, page) {
      const replaced = new Set(buckets)
      transact((target) => {
        for (const { line } of target.rows.values()) {
          if (line.kind !== 'remove' && replaced.has(bucketOf(line.kind, line.id))) dropRow(target, line.kind, line.id)
        }
        // A bucket whose rows rotted has a sum that no longer fits its rows.
        for (const bucket of replaced) target.buckets[bucket] = 0n
        for (const row of page.lines) putRow(target, row)
        target.cursors.roster = page.to
      })
    },
    stageSnapshot,
    finishSnapshot,
    dropSnapshot(feed) {
      const { [feed]: _, ...others } = staged
      staged = others
    },
    search(words, atMost) {
      // A search that says nothing finds nobody.
      if (wordsOf(words).length === 0) return []
      const people = [...state.rows.values()].flatMap(({ line }) =>
        line.kind === 'participant' ? [line as Participant] : [],
      )
      return rankPeople(people, words, atMost)
    },
    flush() {
      for (const each of since.splice(0)) each(durable)
    },
    survivor(lost) {
      const kept = copyState(durable)
      for (const change of since.slice(0, Math.max(0, since.length - lost))) change(kept)
      return createMapRoster(kept)
    },
    rot(pick) {
      const people = [...state.rows].filter(([, { line }]) => line.kind === 'participant')
      const victim = people[pick(people.length)]
      if (!victim) return false
      transact((target) => {
        const [key, row] = victim
        if (!target.rows.delete(key) || row.line.kind === 'remove') return
        removeRow(target.buckets, row.line.kind, row.line.id, row.text)
      })
      return true
    },
  }
}

function dropRow(target: RosterState, kind: string, id: string): void {
  const key = `${kind}:${id}`
  const old = target.rows.get(key)
  if (!old) return
  target.rows.delete(key)
  removeRow(target.buckets, kind, id, old.text)
  if (old.line.kind === 'participant')
    for (const { key: credential } of old.line.credentials) target.byKey.delete(credential)
}

function putRow(target: RosterState, row: RosterRow): void {
  const { line, text } = row
  if (line.kind === 'remove') return dropRow(target, line.of, line.id)
  dropRow(target, line.kind, line.id)
  target.rows.set(`${line.kind}:${line.id}`, row)
  addRow(target.buckets, line.kind, line.id, text)
  if (line.kind !== 'participant') return
  for (const { key } of line.credentials) target.byKey.set(key, line.id as ParticipantId)
}
