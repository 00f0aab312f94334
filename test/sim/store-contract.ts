/**
 * What every database behind ingest and the downlink promises, as tests: run on the maps of the simulator here and on PostgreSQL in
 * the cloud server. Only through the ports; `people` of the event exist before, as the caller sees fit.
 */
import type { FeedStore } from '@gatehouse/cloud-server/downlink/ports.ts'
import type { EpochState, Fact, GateBatch, IngestStore } from '@gatehouse/cloud-server/ingest/ports.ts'
import type { EpochId, EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import { chainHash, encodeJournalLine, GENESIS, type JournalLine, parsePresenceLine, toHex } from '@gatehouse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'

export interface ContractPlace {
  readonly store: IngestStore & FeedStore
  readonly org: OrgId
  readonly event: EventId
  readonly gate: GateId
  /** Two people registered for the event. */
  readonly people: readonly [ParticipantId, ParticipantId]
}

const epoch = '01990000-0000-7000-8000-0000000000e1' as EpochId
const at = Date.UTC(2026, 10, 20, 9)

export function ingestContract(name: string, open: () => Promise<ContractPlace>): void {
  describe(`ingest and feed store contract: ${name}`, () => {
    let place: ContractPlace
    beforeEach(async () => {
      place = await open()
    })

    function decision(seq: number, given: object = {}): JournalLine {
      const clock = { trust: 'synced', offsetMs: 0, errorMs: 0 } as const
      const base = { seq, at: at + seq * 1000, monoMs: seq, boot: epoch, clock, kind: 'decision', event: place.event }
      const known = { lane: 'a', direction: 'entry', via: 'qr', credential: 'a1'.repeat(16), outcome: 'admit' }
      const cursors = { rosterCursor: 1, presenceCursor: 0, tookUs: 1, offline: false }
      return { ...base, ...known, participant: place.people[0], ...cursors, ...given } as unknown as JournalLine
    }

    function batchOf(before: EpochState, lines: readonly JournalLine[]): GateBatch {
      const texts = lines.map(({ seq, ...entry }) => encodeJournalLine(seq, entry as never))
      const facts: Fact[] = []
      let hash: Uint8Array = Buffer.from(before.head, 'hex')
      for (const [index, line] of lines.entries()) {
        hash = chainHash(hash, texts[index] as string)
        facts.push({ seq: line.seq, line, digest: toHex(hash).slice(0, 32), flags: [] })
      }
      const to = before.through + lines.length
      const raw = {
        from: before.through + 1,
        to,
        prev: before.head,
        head: toHex(hash),
        bytes: Buffer.from(`${texts.join('\n')}\n`),
      }
      const after = { ...before, through: to, head: toHex(hash), revision: before.revision + 1, unsignedSince: at }
      const { org, gate } = place
      return { org, gate, epoch, facts, parked: [], raw: [raw], before, after, receivedAt: at }
    }

    async function commit(...lines: readonly JournalLine[]): Promise<GateBatch> {
      const batch = batchOf(await place.store.epoch(place.gate, epoch), lines)
      await place.store.commit([batch])
      return batch
    }

    test('an epoch never seen is empty, and is afterwards exactly what was committed', async () => {
      const before = await place.store.epoch(place.gate, epoch)
      expect(before).toMatchObject({
        through: 0,
        head: toHex(GENESIS),
        runs: [],
        signedTo: 0,
        forked: false,
        revision: 0,
      })
      const { after } = await commit(decision(1), decision(2))
      expect(await place.store.epoch(place.gate, epoch)).toEqual(after)
    })

    test('runs, signature and fork come back as they were written', async () => {
      const batch = batchOf(await place.store.epoch(place.gate, epoch), [decision(1)])
      const run = { from: 5, to: 9, prev: 'ab'.repeat(32), head: 'cd'.repeat(32) }
      const { unsignedSince: _, ...signed } = batch.after
      const after: EpochState = { ...signed, runs: [run], signedTo: 1, forked: true }
      await place.store.commit([{ ...batch, after }])
      expect(await place.store.epoch(place.gate, epoch)).toEqual(after)
    })

    test('a commit on a state that is no longer true is refused as stale and writes nothing', async () => {
      const stale = batchOf(await place.store.epoch(place.gate, epoch), [decision(1, { lane: 'b' })])
      const { after } = await commit(decision(1))
      await expect(place.store.commit([stale])).rejects.toMatchObject({ code: 'GH-INGEST-STALE' })
      expect(await place.store.epoch(place.gate, epoch)).toEqual(after)
    })

    test('what is held can be compared by digest, parked bytes too, but not those beside a fact', async () => {
      const batch = batchOf(await place.store.epoch(place.gate, epoch), [decision(1)])
      const other = { seq: 1, raw: '{"seq":1}', reason: 'conflict', digest: 'ee'.repeat(16) }
      const parked = { seq: 2, raw: 'nonsense', reason: 'GH-WIRE-003', digest: 'ff'.repeat(16) }
      await place.store.commit([{ ...batch, parked: [other, parked], after: { ...batch.after, through: 2 } }])
      const held = await place.store.held(place.gate, epoch, 1, 5)
      expect([...held].sort(([one], [two]) => one - two)).toEqual([
        [1, { digest: batch.facts[0]?.digest, parked: false }],
        [2, { digest: parked.digest, parked: true }],
      ])
    })

    async function numberAll() {
      const { store, org, event } = place
      const lines: string[] = []
      for (;;) {
        const [numbered] = await store.number([{ org, event }], 'presence', 500)
        if (!numbered) return lines
        expect(numbered.to - numbered.from).toBe(numbered.lines.length)
        lines.push(...numbered.lines)
      }
    }

    test('an admitted entry becomes a change of presence; several before it is numbered become one', async () => {
      await numberAll()
      await commit(decision(1), decision(2, { direction: 'exit' }), decision(3, { outcome: 'deny', reason: 'revoked' }))
      const lines = (await numberAll()).map((line) => parsePresenceLine(line))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatchObject({
        ok: true,
        value: { id: place.people[0], inside: false, entries: 1, lastGate: place.gate },
      })
    })

    test('numbers are given without gaps, and reading after a cursor brings the latest of every changed row', async () => {
      const { store, event, people } = place
      const start = await store.head(event, 'presence')
      await commit(decision(1))
      await numberAll()
      await commit(decision(2, { participant: people[1] }), decision(3, { direction: 'exit' }))
      await numberAll()
      const rows = await store.after(event, 'presence', start, 100_000)
      expect([rows.head, rows.to, rows.more]).toEqual([start + 3, start + 3, false])
      expect(rows.lines).toHaveLength(2)
      const first = await store.after(event, 'presence', start, 1)
      expect([first.lines.length, first.more]).toEqual([1, true])
      expect((await store.after(event, 'presence', first.to, 100_000)).lines).toHaveLength(1)
    })

    test('what was numbered is covered, and not before', async () => {
      const { store, event, gate } = place
      await commit(decision(1), decision(2))
      expect((await store.coversOf(event, gate))?.through ?? 0).toBe(0)
      await numberAll()
      expect(await store.coversOf(event, gate)).toEqual({ epoch, through: 2 })
    })

    test('an entry that is undone leaves no presence behind, whichever comes first', async () => {
      const undo = (seq: number, of: number) =>
        ({ ...decision(seq), kind: 'undo', of, staff: 'desk', note: '' }) as JournalLine
      await commit(decision(1))
      await commit(undo(2, 1))
      const lines = await numberAll()
      expect(parsePresenceLine(lines.at(-1) ?? '')).toMatchObject({ ok: true, value: { inside: false, entries: 0 } })
    })
  })
}
