/**
 * Answers a gate that asks for a feed: the changes after its cursor; the whole set as a snapshot when the cloud no longer knows what came
 * after that cursor (or never gave that number out); or only the roster buckets that differ. Each answer is one page; the
 * gate asks for the next one with its new cursor.
 */
import type { GateId, OrgId } from '@gatehouse/domain'
import { downTopic, type SyncRequest } from '@gatehouse/protocol'
import { encodePage, type PageHead, pageBytes, type SignPage } from './page.ts'
import type { FeedRows, FeedStore } from './ports.ts'

export interface PagesNeeds {
  readonly store: FeedStore
  readonly sign: SignPage
  /** Snapshots under way that are remembered, for gates that do not say they continue one. */
  readonly snapshotsKept?: number
}

export interface Pages {
  /** The page to publish on the gate's `down/feed`. The caller has checked that the gate is assigned to the event. */
  answer(org: OrgId, gate: GateId, request: SyncRequest): Promise<Uint8Array>
}

export function createPages({ store, sign, snapshotsKept = 1000 }: PagesNeeds): Pages {
  /** Per gate and feed: where the last snapshot page ended. Losing it costs a snapshot begun anew, nothing else. */
  const underWay = new Map<string, number>()

  async function answer(org: OrgId, gate: GateId, request: SyncRequest): Promise<Uint8Array> {
    const { event, feed } = request
    const topic = downTopic(org, gate, 'feed')
    const { head, lines } = await pageFor(gate, request)
    const echo = { sentAt: request.sentAt }
    return encodePage({ org, event, feed, topic, sign }, { ...head, echo }, lines)
  }

  async function pageFor(gate: GateId, request: SyncRequest) {
    const { event, feed, cursor } = request
    const key = `${gate} ${event} ${feed}`
    const continues = request.snapshot === true || (cursor > 0 && underWay.get(key) === cursor)
    const head = await store.head(event, feed)
    const isUnknown = cursor > head || cursor < (await store.horizon(event, feed))
    if (continues && cursor <= head) return snapshotPage(gate, request, cursor, key)
    if (isUnknown || continues) return snapshotPage(gate, request, 0, key)
    if (request.buckets && feed === 'roster') return bucketPage(request, request.buckets)
    return deltaPage(gate, request)
  }

  async function snapshotPage(gate: GateId, request: SyncRequest, from: number, key: string) {
    const covers = await coversFor(gate, request)
    const rows = await store.after(request.event, request.feed, from, pageBytes)
    remember(key, rows.more ? rows.to : undefined)
    return { head: { ...headOf(from, rows), snapshot: true, ...(rows.more ? {} : covers) }, lines: rows.lines }
  }

  async function deltaPage(gate: GateId, request: SyncRequest) {
    const covers = await coversFor(gate, request)
    const rows = await store.after(request.event, request.feed, request.cursor, pageBytes)
    return { head: { ...headOf(request.cursor, rows), ...(rows.more ? {} : covers) }, lines: rows.lines }
  }

  /** With other buckets still to come the cursor stays, so that nothing is skipped; deltas said twice change nothing. */
  async function bucketPage({ event, cursor }: SyncRequest, theirs: readonly string[]) {
    const rows = await store.differing(event, theirs, pageBytes)
    const to = rows.more ? cursor : rows.head
    const { head, more, root } = rows
    const isWhole = !more && root !== undefined
    return {
      head: { from: cursor, to, head, more, buckets: [...rows.buckets], ...(isWhole ? { root } : {}) },
      lines: rows.lines,
    }
  }

  /** Read before the rows are: what is covered then is surely contained in what is read later. */
  async function coversFor(gate: GateId, { event, feed }: SyncRequest): Promise<Pick<PageHead, 'covers'>> {
    const covered = feed === 'presence' ? await store.coversOf(event, gate) : undefined
    return covered ? { covers: { [gate]: covered } } : {}
  }

  function remember(key: string, to: number | undefined): void {
    underWay.delete(key)
    if (to === undefined) return
    underWay.set(key, to)
    const oldest = underWay.size > snapshotsKept ? underWay.keys().next().value : undefined
    if (oldest !== undefined) underWay.delete(oldest)
  }

  return { answer }
}

function headOf(from: number, { to, head, more, root }: FeedRows): PageHead {
  return { from, to, head, more, ...(root === undefined || more ? {} : { root }) }
}
