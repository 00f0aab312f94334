/**
 * Facts become durable here. One commit is one transaction and, unless something is taken back, one round trip; when it resolves,
 * everything is on disk and may be acknowledged. A store belongs to one writer: gates are shared out among writers, so that the check
 * for duplicates sees every earlier record of its gate.
 */

import { promisify } from 'node:util'
import { zstdCompress, zstdCompressSync } from 'node:zlib'
import type { EpochId, EventId, GateId, ParticipantId } from '@gatehouse/domain'
import { type Clock, Failure } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'
import type { Writer } from '../db/writer.ts'
import { encodeColumns } from './pg-columns.ts'
import { type Folded, foldBatches, type Undo } from './pg-fold.ts'
import { createRefCache, type RefCache } from './pg-refs.ts'
import { ingestStatement } from './pg-statement.ts'
import { applyUndos } from './pg-undo.ts'
import type { EpochState, GateBatch, Held, IngestStore, Run } from './ports.ts'

export interface PgIngestSettings {
  readonly writer: Writer
  readonly clock: Clock
  /** Tells the counters of this writer apart from those of others; unique among all that write at the same time. */
  readonly number: number
  /** Called after each commit with the events that changed. */
  readonly onCommitted?: (events: readonly EventId[]) => void
}

const compress = promisify(zstdCompress)
/** Below this the way to another thread costs more than the work. */
const COMPRESS_HERE_BYTES = 16_384
const STATEMENT = ingestStatement()
const GENESIS_HEX = '0'.repeat(64)

export function createPgIngestStore({ writer, clock, number, onCommitted }: PgIngestSettings): IngestStore {
  const refs = createRefCache({ connection: writer, clock })
  const epochs = createEpochRefs(writer)

  async function commit(batches: readonly GateBatch[]): Promise<void> {
    if (batches.length === 0) return
    const archive = compressLines(batches)
    await learn(refs, batches)
    await epochs.learn(batches)
    const folded = foldBatches(batches, refs, (batch) => epochs.of(batch.gate, batch.epoch))
    const values = parameters(folded, batches, number, await archive, (batch) => epochs.of(batch.gate, batch.epoch))
    const waiting = await write(values, await undosOf(folded))
    if (waiting) await settleUndos()
    onCommitted?.([...folded.touched.keys()] as EventId[])
  }

  /** The facts are committed: a circle with another writer only means that the undos wait for the next commit. */
  async function settleUndos(): Promise<void> {
    for (let tries = 0; tries < 3; tries += 1) {
      try {
        return await writer.transaction((connection) => applyUndos(connection, [], number))
      } catch (error) {
        if (!isCircle(error)) throw error
      }
    }
  }

  async function undosOf({ undos }: Folded): Promise<Undo[]> {
    await epochs.learn(undos.map(({ gate, epoch }) => ({ gate, epoch: epoch as EpochId })))
    return undos.map(({ gate, epoch, seq }) => ({ epochRef: epochs.of(gate, epoch as EpochId), seq }))
  }

  /** Resolves true when undos wait whose decision may just have come. */
  async function write(values: unknown[], undos: readonly Undo[]): Promise<boolean> {
    const query = { name: 'ingest', text: STATEMENT, values }
    const run = async (connection: Connection) =>
      (await connection.query<{ undos_waiting: boolean }>(query)).rows[0]?.undos_waiting === true
    try {
      if (undos.length === 0) return await run(writer)
      await writer.transaction(async (connection) => {
        await run(connection)
        await applyUndos(connection, undos, number)
      })
      return false
    } catch (error) {
      throw staleOr(error)
    }
  }

  return {
    commit,
    epoch: (gate, epoch) => readEpoch(writer, gate, epoch),
    held: (gate, epoch, from, to) => readHeld(writer, gate, epoch, from, to),
    async eventsOf(gate) {
      await refs.learn([], [], [gate])
      const event = refs.gate(gate)?.event
      return event ? [event] : []
    },
  }
}

/** Someone else wrote for the same epoch (GH001), or two writers met in a circle and this one lost: read again and try again. */
function staleOr(error: unknown): unknown {
  return isCircle(error) || (error as { code?: string }).code === 'GH001'
    ? new Failure('GH-INGEST-STALE', 'an epoch moved on meanwhile', { cause: error, waitingHelps: true })
    : error
}

function isCircle(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === '40P01' || code === '40001'
}

async function learn(refs: RefCache, batches: readonly GateBatch[]): Promise<void> {
  const people = new Set<ParticipantId>()
  const events = new Set<EventId>()
  for (const { facts } of batches) {
    for (const { line } of facts) {
      if (line.kind !== 'decision') continue
      events.add(line.event)
      if (line.participant !== undefined && !refs.participant(line.participant)) people.add(line.participant)
    }
  }
  await refs.learn(people, events, new Set(batches.map(({ gate }) => gate)))
}

interface Archive {
  readonly data: Uint8Array
  readonly bytes: number
}

/** Undefined when a commit carries no lines (all of them came before, or were parked by the gate itself). */
async function compressLines(batches: readonly GateBatch[]): Promise<Archive | undefined> {
  const lines = Buffer.concat(batches.flatMap(({ raw }) => raw.map(({ bytes }) => bytes)))
  if (lines.length === 0) return undefined
  const data = lines.length < COMPRESS_HERE_BYTES ? zstdCompressSync(lines, ZSTD) : await compress(lines, ZSTD)
  return { data, bytes: lines.length }
}

const ZSTD = { params: {} }

function parameters(
  { rows, touched }: Folded,
  batches: readonly GateBatch[],
  number: number,
  archive: Archive | undefined,
  epochRefOf: (batch: GateBatch) => number,
): unknown[] {
  const columns = [rows.epochs, rows.people, rows.facts, rows.log, rows.parked, rows.hours]
  const receivedAt = Math.max(...batches.map((batch) => batch.receivedAt))
  return [
    ...columns.flatMap(encodeColumns),
    number,
    ...encodeColumns(rows.minutes),
    number,
    ...encodeColumns(rows.reasons),
    number,
    ...encodeColumns(rows.events),
    touched.size === 0 ? null : JSON.stringify(message(rows, touched)),
    new Date(receivedAt),
    archive?.bytes ?? 0,
    archive?.data ?? null,
    archive ? JSON.stringify(partsOf(batches, epochRefOf)) : null,
  ]
}

/** One message per commit: which events changed by how much, and where the records are. */
function message({ events, epochs }: Folded['rows'], touched: Folded['touched']): unknown {
  const byRef = new Map([...touched].map(([id, event]) => [event.ref, { id, org: event.org }]))
  return {
    events: events.values.event_ref.map((ref, row) => ({
      event: byRef.get(ref as number)?.id,
      org: byRef.get(ref as number)?.org,
      entries: events.values.entries[row],
      exits: events.values.exits[row],
      denied: events.values.denied[row],
      asked: events.values.asked[row],
    })),
    epochs: epochs.values.epoch_ref,
  }
}

function partsOf(batches: readonly GateBatch[], epochRefOf: (batch: GateBatch) => number): unknown[] {
  let offset = 0
  return batches.flatMap((batch) =>
    batch.raw.map(({ from, to, prev, head, bytes, signature }) => {
      const part = [epochRefOf(batch), from, to, offset, bytes.length, prev, head, signature ?? null]
      offset += bytes.length
      return part
    }),
  )
}

interface EpochRefs {
  learn(wanted: readonly { gate: GateId; epoch: EpochId }[]): Promise<void>
  of(gate: GateId, epoch: EpochId): number
}

const EPOCHS_AT_MOST = 50_000

/** Epochs get their row when something is written for them the first time, not when somebody asks. */
function createEpochRefs(connection: Connection): EpochRefs {
  const known = new Map<string, number>()
  return {
    async learn(wanted) {
      const missing = wanted.filter(({ gate, epoch }) => !known.has(`${gate}/${epoch}`))
      if (missing.length === 0) return
      const { rows } = await connection.query<{ gate: string; epoch: string; ref: number }>({
        name: 'epoch-refs',
        text: `WITH wanted AS (SELECT DISTINCT g.id, g.ref, w.epoch FROM unnest($1::uuid[], $2::uuid[]) AS w (gate, epoch)
            JOIN gates.gates g ON g.id = w.gate),
          made AS (INSERT INTO attendance.epochs (gate_ref, epoch) SELECT ref, epoch FROM wanted
            ON CONFLICT (gate_ref, epoch) DO UPDATE SET gate_ref = excluded.gate_ref RETURNING gate_ref, epoch, ref)
          SELECT w.id AS gate, m.epoch, m.ref FROM made m JOIN wanted w ON w.ref = m.gate_ref AND w.epoch = m.epoch`,
        values: [missing.map(({ gate }) => gate), missing.map(({ epoch }) => epoch)],
      })
      if (known.size > EPOCHS_AT_MOST) known.clear()
      for (const { gate, epoch, ref } of rows) known.set(`${gate}/${epoch}`, ref)
    },
    of(gate, epoch) {
      const ref = known.get(`${gate}/${epoch}`)
      if (ref === undefined) throw new Failure('GH-INGEST-002', `gate ${gate} is not in the database`)
      return ref
    },
  }
}

interface EpochRow {
  readonly through: number
  readonly head: Buffer
  readonly runs: Run[]
  readonly signed_to: number
  readonly unsigned_since: Date | null
  readonly forked: boolean
  readonly revision: number
}

async function readEpoch(connection: Connection, gate: GateId, epoch: EpochId): Promise<EpochState> {
  const { rows } = await connection.query<EpochRow>({
    name: 'epoch',
    text: `SELECT e.through, e.head, e.runs, e.signed_to, e.unsigned_since, e.forked, e.revision
      FROM attendance.epochs e WHERE e.gate_ref = (SELECT ref FROM gates.gates WHERE id = $1) AND e.epoch = $2`,
    values: [gate, epoch],
  })
  const row = rows[0]
  if (!row) return { gate, epoch, through: 0, head: GENESIS_HEX, runs: [], signedTo: 0, forked: false, revision: 0 }
  const { through, runs, revision, forked, signed_to: signedTo, unsigned_since: since } = row
  const state = { gate, epoch, through, head: row.head.toString('hex'), runs, signedTo, forked, revision }
  return since === null ? state : { ...state, unsignedSince: since.getTime() }
}

async function readHeld(
  connection: Connection,
  gate: GateId,
  epoch: EpochId,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, Held>> {
  const { rows } = await connection.query<{ seq: number; digest: string; parked: boolean }>({
    name: 'held',
    text: `WITH mine AS (SELECT ref FROM attendance.epochs
          WHERE gate_ref = (SELECT ref FROM gates.gates WHERE id = $1) AND epoch = $2),
        facts AS (SELECT seq, digest FROM attendance.attendance_records WHERE epoch_ref = (SELECT ref FROM mine) AND seq BETWEEN $3 AND $4
          UNION ALL SELECT seq, digest FROM attendance.gate_log WHERE epoch_ref = (SELECT ref FROM mine) AND seq BETWEEN $3 AND $4)
      SELECT seq, digest, false AS parked FROM facts
      UNION ALL SELECT seq, digest, true FROM attendance.parked_entries k
        WHERE epoch_ref = (SELECT ref FROM mine) AND seq BETWEEN $3 AND $4 AND NOT EXISTS (SELECT FROM facts f WHERE f.seq = k.seq)`,
    values: [gate, epoch, from, to],
  })
  return new Map(rows.map(({ seq, digest, parked }) => [seq, { digest: digest.replaceAll('-', ''), parked }]))
}

/**
 * Several writers behind one store. All batches of a commit belong to one shard of ingest; whoever shares gates out there (`shardOf`)
 * decides here, too.
 */
export function shareWriters(stores: readonly IngestStore[], shardOf: (gate: GateId) => number): IngestStore {
  const of = (gate: GateId) => stores[shardOf(gate)] as IngestStore
  return {
    epoch: (gate, epoch) => of(gate).epoch(gate, epoch),
    held: (gate, epoch, from, to) => of(gate).held(gate, epoch, from, to),
    eventsOf: (gate) => of(gate).eventsOf(gate),
    commit: async (batches) => batches[0] && of(batches[0].gate).commit(batches),
  }
}
