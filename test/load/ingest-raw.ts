/**
 * The raw limit of the ingest bench: the very statement of ingest with rows of the same kind, its parameters made beforehand, executed
 * alone by as many writers.
 */
import { createWriter, type Writer } from '@gatehouse/cloud-server/db/writer.ts'
import { checkBatch } from '@gatehouse/cloud-server/ingest/check-batch.ts'
import { readJournalMessage } from '@gatehouse/cloud-server/ingest/journal-message.ts'
import { createPgIngestStore } from '@gatehouse/cloud-server/ingest/pg-ingest-store.ts'
import type { EpochState, GateBatch } from '@gatehouse/cloud-server/ingest/ports.ts'
import type { GateId } from '@gatehouse/domain'
import { systemClock } from '@gatehouse/runtime'
import { type GateJournal, type JournalPlan, journalOf } from './ingest-journal.ts'

/** Entries of one transaction, as the product takes them at most. */
const COMMIT_ENTRIES = 1_000

export interface RawStage {
  readonly database: { readonly url: string }
  readonly writers: number
}

/** Rows per second of the statement alone: its parameters are made beforehand, the writers only execute. */
export async function rawLimit(stage: RawStage, plan: JournalPlan): Promise<number> {
  const writers = Array.from({ length: stage.writers }, (_, n) =>
    createWriter({ url: stage.database.url, name: `raw ${n}` }),
  )
  const shardOf = (gate: GateId) => Number.parseInt(gate.slice(-6), 16) % writers.length
  const journals = Array.from({ length: plan.gates }, (_, n) => journalOf(plan, n))
  const loads = await Promise.all(
    writers.map((writer, n) =>
      captureStatements(
        writer,
        n,
        journals.filter(({ gate }) => shardOf(gate) === n),
      ),
    ),
  )
  const startedMs = performance.now()
  await Promise.all(
    writers.map(async (writer, n) => {
      for (const query of loads[n] ?? []) await writer.query(query)
    }),
  )
  const tookMs = performance.now() - startedMs
  await Promise.all(writers.map((writer) => writer.end()))
  return (1_000 * plan.entriesPerGate * plan.gates) / tookMs
}

type Query = Parameters<Writer['query']>[0]

/** What the product would send for these journals, one query per commit, without sending it. */
async function captureStatements(writer: Writer, number: number, journals: readonly GateJournal[]): Promise<Query[]> {
  const captured: Query[] = []
  const listening: Writer = {
    ...writer,
    query: async (query) => {
      if (query.name !== 'ingest') return writer.query(query)
      captured.push(query)
      return { rows: [{ undos_waiting: false }] } as never
    },
  }
  const store = createPgIngestStore({ writer: listening, clock: systemClock, number })
  const states = new Map<string, EpochState>()
  const perCommit = Math.max(1, Math.floor(COMMIT_ENTRIES / (journals[0]?.messages[0]?.to ?? COMMIT_ENTRIES)))
  const rounds = journals[0]?.messages.length ?? 0
  for (let round = 0; round < rounds; round += 1) {
    for (let at = 0; at < journals.length; at += perCommit) {
      await store.commit(journals.slice(at, at + perCommit).map((journal) => batchOf(journal, round, states)))
    }
  }
  return captured
}

function batchOf(journal: GateJournal, round: number, states: Map<string, EpochState>): GateBatch {
  const { org, gate, epoch } = journal
  const none: EpochState = {
    gate,
    epoch,
    through: 0,
    head: '0'.repeat(64),
    runs: [],
    signedTo: 0,
    forked: false,
    revision: 0,
  }
  const before = states.get(gate) ?? none
  const read = readJournalMessage(journal.messages[round]?.bytes ?? new Uint8Array())
  if (!read.ok) throw new Error(read.detail)
  const receivedAt = Date.now()
  const checked = checkBatch({
    message: read.message,
    state: before,
    held: new Map(),
    verify: () => true,
    events: new Set([journal.event]),
    receivedAt,
  })
  if (!checked || checked.parked.length > 0) throw new Error('the bench made a journal that is not clean')
  const after = { ...checked.after, revision: before.revision + 1 }
  states.set(gate, after)
  return {
    org,
    gate,
    epoch,
    facts: checked.facts,
    parked: [],
    raw: checked.raw ? [checked.raw] : [],
    before,
    after,
    receivedAt,
  }
}
