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
  readonly atMostBytes?: number
}

interface PageParts {
  readonly head: PageHead
  readonly lines: readonly string[]
}

interface SnapshotAt {
  /** Where its farthest page ended. */
  readonly to: number
  readonly horizon: number
}

export interface Pages {
  /** The page to publish on the gate's `down/feed`. The caller has checked that the gate is assigned to the event. */
  answer(org: OrgId, gate: GateId, request: SyncRequest): Promise<Uint8Array>
}

export function createPages(needs: PagesNeeds): Pages {
  const { store, sign, snapshotsKept = 1000, atMostBytes = pageBytes } = needs
  /** Per gate and feed: where the last snapshot page ended. Losing it costs a snapshot begun anew, nothing else. */
  const underWay = new Map<string, SnapshotAt>()

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
    const last = underWay.get(key)
    const head = await store.head(event, feed)
    const continues = request.snapshot === true || (cursor > 0 && last?.to === cursor && cursor < last.horizon)
    if (continues) return snapshotPage(gate, request, cursor <= head ? cursor : 0, key)
    if (cursor > head) return snapshotPage(gate, request, 0, key)
    const page = request.buckets && feed === 'roster' ? await bucketPage(request) : await deltaPage(gate, request)
    // Asked after reading: removals that were forgotten meanwhile would be missing among the rows.
    const isUnknown = cursor < (await store.horizon(event, feed)) && page.head.buckets === undefined
    return isUnknown ? snapshotPage(gate, request, 0, key) : page
  }

  async function snapshotPage(gate: GateId, request: SyncRequest, from: number, key: string): Promise<PageParts> {
    const { event, feed } = request
    const covers = await coversFor(gate, request)
    const rows = await store.after(event, feed, from, atMostBytes)
    const horizon = await store.horizon(event, feed)
    const last = underWay.get(key)
    const isSame = last !== undefined && last.horizon === horizon && from <= last.to
    // Somebody in an earlier page may have been removed, and the removal forgotten, since it was sent.
    if (from > 0 && !isSame) return snapshotPage(gate, request, 0, key)
    const to = from === 0 || !last ? rows.to : Math.max(rows.to, last.to)
    remember(key, { to, horizon })
    return { head: { ...headOf(from, rows), snapshot: true, ...(rows.more ? {} : covers) }, lines: rows.lines }
  }

  async function deltaPage(gate: GateId, request: SyncRequest): Promise<PageParts> {
    const covers = await coversFor(gate, request)
    const rows = await store.after(request.event, request.feed, request.cursor, atMostBytes)
    return { head: { ...headOf(request.cursor, rows), ...(rows.more ? {} : covers) }, lines: rows.lines }
  }

  /** With other buckets still to come the cursor stays, so that nothing is skipped; deltas said twice change nothing. */
  async function bucketPage({ event, cursor, buckets = [] }: SyncRequest): Promise<PageParts> {
    const rows = await store.differing(event, buckets, atMostBytes)
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

  function remember(key: string, at: SnapshotAt): void {
    underWay.delete(key)
    underWay.set(key, at)
    const oldest = underWay.size > snapshotsKept ? underWay.keys().next().value : undefined
    if (oldest !== undefined) underWay.delete(oldest)
  }

  return { answer }
}

function headOf(from: number, { to, head, more, root }: FeedRows): PageHead {
  return { from, to, head, more, ...(root === undefined || more ? {} : { root }) }
}
