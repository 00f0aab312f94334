import type { EpochId, EventId, GateId, OrgId } from '@gatehouse/domain'
import { decodeBulk, type FeedHeader, feedTopic, LIMITS, parseFeedHeader, type SyncRequest } from '@gatehouse/protocol'
import { describe, expect, test } from 'vitest'
import { createPages } from './pages.ts'
import type { FeedRows, FeedStore } from './ports.ts'
import { createPublisher } from './publisher.ts'

const org = '01990000-0000-7000-8000-000000000001' as OrgId
const event = '01990000-0000-7000-8000-00000000e001' as EventId
const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const epoch = '01990000-0000-7000-8000-0000000000e1' as EpochId
const sig = `${'A'.repeat(86)}==`
const root = 'ab'.repeat(32)

interface Shown {
  readonly topic?: string
  readonly header: FeedHeader
  readonly lines: readonly string[]
}

function show(bytes: Uint8Array, topic?: string): Shown {
  expect(bytes.length).toBeLessThanOrEqual(LIMITS.messageBytes)
  const bulk = decodeBulk(bytes)
  const header = bulk.ok ? parseFeedHeader(bulk.value.header) : bulk
  if (!bulk.ok || !header.ok) throw new Error('not a page')
  return { ...(topic ? { topic } : {}), header: header.value, lines: bulk.value.lines }
}

/** A feed of numbered lines; `horizonAt` is asked anew each time, as the database is. */
function feedOf(count: number, horizonAt: () => number = () => 0, lineBytes = 20): FeedStore {
  const lines = Array.from({ length: count }, (_, index) => JSON.stringify({ n: index + 1, x: 'x'.repeat(lineBytes) }))
  return {
    pending: async (feed) => (feed === 'roster' ? [{ org, event }] : []),
    number: async () => [],
    head: async () => count,
    horizon: async () => horizonAt(),
    coversOf: async () => ({ epoch, through: 7 }),
    async after(_event, _feed, cursor, atMostBytes): Promise<FeedRows> {
      const rest = lines.slice(cursor)
      const fit = Math.max(1, Math.floor(atMostBytes / (lineBytes + 20)))
      const taken = rest.slice(0, fit)
      const more = taken.length < rest.length
      return { lines: taken, to: more ? cursor + taken.length : count, head: count, more, ...(more ? {} : { root }) }
    },
    differing: async () => ({ buckets: [3], lines: lines.slice(0, 1), to: count, head: count, more: false, root }),
  }
}

function request(cursor: number, given: Partial<SyncRequest> = {}): SyncRequest {
  return { v: 1, event, feed: 'roster', cursor, sentAt: 5, ...given }
}

const answer = async (store: FeedStore, asked: SyncRequest, atMostBytes = 200_000) =>
  show(await createPages({ store, sign: () => sig, atMostBytes }).answer(org, gate, asked))

describe('answers to a sync', () => {
  test('are the lines after the cursor, with root at the head and the question echoed', async () => {
    const { header, lines } = await answer(feedOf(5), request(3))
    expect(header).toMatchObject({ from: 3, to: 5, head: 5, more: false, root, echo: { sentAt: 5 } })
    expect(lines).toHaveLength(2)
  })

  test('say there is more, and no root, when not all fits', async () => {
    const { header } = await answer(feedOf(50), request(0), 400)
    expect(header).toMatchObject({ from: 0, to: 10, more: true })
    expect(header.root).toBeUndefined()
  })

  test('are a snapshot from 0 for a cursor that was never given out or is too old', async () => {
    expect((await answer(feedOf(5), request(9))).header).toMatchObject({ snapshot: true, from: 0, to: 5 })
    expect(
      (
        await answer(
          feedOf(5, () => 4),
          request(2),
        )
      ).header,
    ).toMatchObject({ snapshot: true, from: 0 })
  })

  test('a horizon that moves while a page is read turns it into a snapshot', async () => {
    let reads = 0
    const moving = { ...feedOf(5), horizon: async () => ((reads += 1) > 0 ? 4 : 0) }
    expect((await answer(moving, request(2))).header.snapshot).toBe(true)
  })

  test('a snapshot goes on where it was, also for a gate that does not say so, and anew after removals were forgotten', async () => {
    let horizon = 45
    const pages = createPages({ store: feedOf(50, () => horizon), sign: () => sig, atMostBytes: 400 })
    const next = async (asked: SyncRequest) => show(await pages.answer(org, gate, asked)).header
    expect(await next(request(2))).toMatchObject({ snapshot: true, from: 0, to: 10 })
    expect(await next(request(10))).toMatchObject({ snapshot: true, from: 10, to: 20 })
    expect(await next(request(20, { snapshot: true }))).toMatchObject({ snapshot: true, from: 20, to: 30 })
    horizon = 46
    expect(await next(request(30, { snapshot: true }))).toMatchObject({ snapshot: true, from: 0 })
  })

  test('with buckets they carry those that differ and move the cursor to the head', async () => {
    const buckets = Array.from({ length: 256 }, () => '0'.repeat(32))
    const { header } = await answer(feedOf(5), request(2, { buckets }))
    expect(header).toMatchObject({ from: 2, to: 5, buckets: [3], root })
  })

  test('of presence say what they cover, once nothing is left', async () => {
    const { header } = await answer(feedOf(5), request(3, { feed: 'presence' }))
    expect(header.covers).toEqual({ [gate]: { epoch, through: 7 } })
    expect((await answer(feedOf(50), request(3, { feed: 'presence' }), 400)).header.covers).toBeUndefined()
  })
})

describe('live pages', () => {
  async function publish(
    numberings: readonly (FeedRows & { from: number })[],
    atMostBytes = 200_000,
  ): Promise<Shown[]> {
    const waiting = [...numberings]
    const sent: Shown[] = []
    const publisher = createPublisher({
      store: {
        pending: async (feed) => (feed === 'roster' && waiting.length > 0 ? [{ org, event }] : []),
        number: async () => {
          const next = waiting.shift()
          return next ? [{ ...next, org, event, covers: new Map([[gate, { epoch, through: 3 }]]) }] : []
        },
      },
      publish: async (topic, payload) => void sent.push(show(payload, topic)),
      sign: () => sig,
      settings: { atMostBytes },
    })
    await publisher.turn()
    return sent
  }

  test('go to the topic of the event, signed, one page for each numbering', async () => {
    const [page, ...others] = await publish([
      { from: 4, to: 6, head: 6, more: false, lines: ['{"a":1}', '{"b":2}'], root },
    ])
    expect(others).toEqual([])
    expect(page).toMatchObject({
      topic: feedTopic(org, event, 'roster'),
      header: { from: 4, to: 6, head: 6, root, sig },
    })
    expect(page?.header.covers).toEqual({ [gate]: { epoch, through: 3 } })
  })

  test('that are too long are cut into pages that join, and only the last one has a root', async () => {
    const lines = Array.from({ length: 5 }, (_, index) => `{"n":${index}}`)
    const sent = await publish([{ from: 0, to: 5, head: 5, more: false, lines, root }], 17)
    expect(sent.map(({ header }) => [header.from, header.to, header.root])).toEqual([
      [0, 2, undefined],
      [2, 4, undefined],
      [4, 5, root],
    ])
  })

  test('of a long import follow each other in one turn', async () => {
    const numbering = (from: number, more: boolean) => ({
      from,
      to: from + 1,
      head: from + 1,
      more,
      lines: ['{"a":1}'],
    })
    expect(await publish([numbering(0, true), numbering(1, true), numbering(2, false)])).toHaveLength(3)
  })
})
