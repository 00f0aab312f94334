/**
 * Writes the records that were asked for by HTTP, exactly once each. Every gate has one epoch for them, and its revision is the lock: who
 * looked for duplicates before somebody else committed is refused as stale and looks again. What arrives while a commit runs goes
 * together into the next one.
 */
import type { EpochId, GateId, OrgId } from '@gatehouse/domain'
import { type Clock, Failure } from '@gatehouse/runtime'
import type { RecordToWrite, WriteRecords, Written } from '../attendance/ports.ts'
import type { Connection } from '../db/pool.ts'
import type { EpochState, IngestStore } from './ports.ts'
import { type Duplicate, findDuplicates } from './request-duplicates.ts'
import { batchOf } from './request-lines.ts'

export interface PgRequestSettings {
  /** Of a writer of its own. */
  readonly store: IngestStore
  readonly connection: Connection
  readonly clock: Clock
  readonly newId: () => string
}

interface Asked {
  readonly org: OrgId
  readonly record: RecordToWrite
  readonly settle: (written: Written) => void
  readonly fail: (error: unknown) => void
}

interface EpochRow {
  readonly gate: GateId
  readonly epoch: EpochId
  readonly ref: number
}

interface KnownEpoch extends EpochRow {
  readonly state: EpochState
}

const AT_ONCE = 1_000
/** Requests waiting beyond this are refused: the caller comes back, the memory stays bounded. */
const WAITING_AT_MOST = 20_000
const TRIES = 20

export function createRecordRequests(settings: PgRequestSettings): WriteRecords {
  const { store, connection, clock } = settings
  const waiting: Asked[] = []
  let isWriting = false

  async function drain(): Promise<void> {
    if (isWriting) return
    isWriting = true
    while (waiting.length > 0) {
      const asked = waiting.splice(0, AT_ONCE)
      await writeAll(asked).catch((error: unknown) => apart(asked, error))
    }
    isWriting = false
  }

  /** One that cannot be written does not sink those that happened to come with it. */
  async function apart(asked: readonly Asked[], error: unknown): Promise<void> {
    const isAlone = asked.length === 1 || (error instanceof Failure && error.waitingHelps)
    for (const one of asked) await (isAlone ? Promise.reject(error as Error) : writeAll([one])).catch(one.fail)
  }

  async function writeAll(asked: readonly Asked[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const written = await tryOnce(asked)
        asked.forEach(({ settle }, index) => settle(written[index] as Written))
        return
      } catch (error) {
        const isStale = error instanceof Failure && error.code === 'GH-INGEST-STALE'
        if (!isStale || attempt === TRIES) throw error
      }
    }
  }

  /** The epochs are read before the duplicates are looked for: whatever is committed later makes this commit stale. */
  async function tryOnce(asked: readonly Asked[]): Promise<readonly Written[]> {
    const epochs = await readEpochs(settings, [...new Set(asked.map(({ record }) => record.gate))])
    const duplicates = await findDuplicates(
      connection,
      asked.map(({ record }) => record),
    )
    const fresh = asked.filter((_, index) => !duplicates[index]?.held && duplicates[index]?.sameAs === undefined)
    const groups = [...Map.groupBy(fresh, ({ record }) => record.gate)].map(([gate, group]) => ({
      epoch: epochOf(epochs, gate),
      group,
    }))
    const written = await commit(groups)
    return asked.map((one, index) => written.get(one) ?? repeated(asked, duplicates[index], written))
  }

  async function commit(
    groups: readonly { epoch: KnownEpoch; group: readonly Asked[] }[],
  ): Promise<Map<Asked, Written>> {
    const now = clock.now()
    const batches = groups.map(({ epoch, group }) => {
      const records = group.map(({ record }) => record)
      return batchOf({ org: group[0]?.org as OrgId, ...epoch }, records, now)
    })
    if (batches.length > 0) await store.commit(batches)
    return new Map(
      groups.flatMap(({ epoch, group }) =>
        group.map((one, nth): [Asked, Written] => [
          one,
          { id: recordId(epoch.ref, epoch.state.through + 1 + nth), createdAt: now },
        ]),
      ),
    )
  }

  return (org, records) => {
    if (waiting.length + records.length > WAITING_AT_MOST) {
      return Promise.reject(new Failure('GH-INGEST-010', 'too many records wait to be written', { waitingHelps: true }))
    }
    const answers = records.map(
      (record) => new Promise<Written>((settle, fail) => waiting.push({ org, record, settle, fail })),
    )
    void drain()
    return Promise.all(answers)
  }
}

function epochOf(epochs: ReadonlyMap<GateId, KnownEpoch>, gate: GateId): KnownEpoch {
  const known = epochs.get(gate)
  if (!known) throw new Failure('GH-INGEST-002', `gate ${gate} is not in the database`)
  return known
}

function repeated(
  asked: readonly Asked[],
  duplicate: Duplicate | undefined,
  written: ReadonlyMap<Asked, Written>,
): Written {
  const first = duplicate?.sameAs === undefined ? undefined : asked[duplicate.sameAs]
  const same = first && { id: written.get(first)?.id ?? '', at: first.record.at }
  const earlier = duplicate?.held ?? same
  if (!earlier) throw new Error('a record was neither written nor a duplicate')
  return { id: '', createdAt: 0, duplicateOf: earlier }
}

/** As attendance.record_id() makes it. */
function recordId(epochRef: number, seq: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  const high = Math.floor(seq / 2 ** 24)
  return `${hex(epochRef, 8)}-${hex(Math.floor(high / 2 ** 12) % 2 ** 16, 4)}-8${hex(high % 2 ** 12, 3)}-8000-000000${hex(seq % 2 ** 24, 6)}`
}

/** Makes the epochs that are missing; two processes that do so at once end up with the same one. */
async function readEpochs(
  { store, connection, newId }: PgRequestSettings,
  gates: readonly GateId[],
): Promise<ReadonlyMap<GateId, KnownEpoch>> {
  const known = new Map<GateId, EpochRow>()
  const find = async () => {
    const { rows } = await connection.query<EpochRow>({
      name: 'request-epochs',
      text: `SELECT g.id AS gate, e.epoch, e.ref FROM gates.gates g JOIN attendance.epochs e ON e.gate_ref = g.ref AND e.requests WHERE g.id = ANY($1)`,
      values: [gates],
    })
    for (const row of rows) known.set(row.gate, row)
  }
  await find()
  const missing = gates.filter((gate) => !known.has(gate))
  if (missing.length > 0) {
    await connection.query({
      text: `INSERT INTO attendance.epochs (gate_ref, epoch, requests)
        SELECT g.ref, w.epoch, true FROM unnest($1::uuid[], $2::uuid[]) AS w (gate, epoch) JOIN gates.gates g ON g.id = w.gate
        ON CONFLICT (gate_ref) WHERE requests DO NOTHING`,
      values: [missing, missing.map(() => newId())],
    })
    await find()
  }
  const states = await Promise.all(
    [...known.values()].map(async (row) => ({ ...row, state: await store.epoch(row.gate, row.epoch) })),
  )
  return new Map(states.map((state) => [state.gate, state]))
}
