/**
 * A gate's journal in memory, for tests of ingest against a real database: it numbers and chains lines as a gate does and hands over
 * batches that were checked, or the messages themselves.
 */
import type { EpochId, EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import { chainHash, encodeJournalLine, GENESIS, type JournalEntry, parseJournalLine, toHex } from '@gatehouse/protocol'
import type { EpochState, Fact, GateBatch } from '../src/ingest/ports.ts'

export interface TestJournal {
  readonly gate: GateId
  readonly epoch: EpochId
  state: EpochState
  /** Appends the entries and returns them as one batch on top of everything before; the next batch expects it committed. */
  batch(entries: readonly JournalEntry[], receivedAt: number): GateBatch
}

export interface Scan {
  readonly event: EventId
  readonly participant?: ParticipantId
  readonly credential?: string
  readonly at: number
  readonly direction?: 'entry' | 'exit'
  readonly outcome?: 'admit' | 'deny' | 'ask'
  readonly via?: 'ble' | 'qr' | 'manual'
  readonly reason?: string
}

const clock = { trust: 'synced', offsetMs: 0, errorMs: 1 } as const
const common = { monoMs: 1, boot: '00000000-0000-7000-8000-000000000001', clock }

export function decision({ at, event, participant, credential, ...scan }: Scan): JournalEntry {
  return {
    ...common,
    at,
    kind: 'decision',
    event,
    lane: '1',
    direction: scan.direction ?? 'entry',
    via: scan.via ?? 'qr',
    credential: (credential ?? 'ab'.repeat(16)) as never,
    ...(participant === undefined ? {} : { participant }),
    outcome: scan.outcome ?? 'admit',
    ...(scan.reason === undefined ? {} : { reason: scan.reason }),
    rosterCursor: 1,
    presenceCursor: 1,
    tookUs: 2_000,
    offline: false,
  }
}

export function undo(of: number, at: number): JournalEntry {
  return { ...common, at, kind: 'undo', of, staff: 's1', note: 'wrong person' }
}

export function createJournal({ org, gate, epoch }: { org: OrgId; gate: GateId; epoch: EpochId }): TestJournal {
  let head: Uint8Array = GENESIS
  const journal: TestJournal = {
    gate,
    epoch,
    state: { gate, epoch, through: 0, head: toHex(GENESIS), runs: [], signedTo: 0, forked: false, revision: 0 },
    batch(entries, receivedAt) {
      const before = journal.state
      const prev = toHex(head)
      const lines: string[] = []
      const facts: Fact[] = []
      for (const entry of entries) {
        const text = encodeJournalLine(before.through + 1 + facts.length, entry)
        head = chainHash(head, text)
        lines.push(text)
        const parsed = parseJournalLine(text)
        if (!parsed.ok) throw new Error(parsed.detail)
        facts.push({ seq: parsed.value.seq, line: parsed.value, digest: toHex(head).slice(0, 32), flags: [] })
      }
      const to = before.through + entries.length
      journal.state = { ...before, through: to, head: toHex(head), revision: before.revision + 1 }
      const bytes = Buffer.from(`${lines.join('\n')}\n`)
      const raw = [{ from: before.through + 1, to, prev, head: toHex(head), bytes }]
      return { org, gate, epoch, facts, parked: [], raw, before, after: journal.state, receivedAt }
    },
  }
  return journal
}
