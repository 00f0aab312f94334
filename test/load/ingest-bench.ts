/**
 * How fast check-ins of two hundred gates become durable, through everything: MQTT, chain and signature, the ingest transaction, COMMIT,
 * ack, while presence goes back down to all gates. The raw limit is the very same statement with rows of the same kind, as many
 * writers and as many rows per transaction, run alone right before and after.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { Database } from '@gatehouse/cloud-server/db/open.ts'
import { rawPublicKey } from '@gatehouse/protocol'
import { recount } from '../../apps/cloud-server/test/recount.ts'
import type { Venue } from '../../apps/cloud-server/test/venue.ts'
import { type BenchResult, countOption, quantile, rounded } from './bench.ts'
import { openSide, openStage, type Stage } from './cloud-stage.ts'
import { type Cost, costOf, perEntry } from './ingest-cost.ts'
import type { GeneratorOrder, GeneratorReport } from './ingest-generator.ts'
import { benchKey, type JournalPlan } from './ingest-journal.ts'
import { rawLimit } from './ingest-raw.ts'

export const about =
  '200 gates to COMMIT and ack (--entries, --rate, --live-sec, --writers, --people, --gates, --tls 1|2)'

const EVENTS = 50
const PER_MESSAGE = 500
const GOAL_PER_SEC = 20_000
const GOAL_RATIO = 0.7
const GOAL_LIVE_P95_MS = 100

interface IngestStage extends Stage {
  readonly base: Omit<JournalPlan, 'phase' | 'entriesPerGate' | 'perMessage' | 'lane'>
  readonly writers: number
  readonly hasTls: boolean
}

const say = (text: string) => void process.stderr.write(`${text}\n`)

export async function run(args: readonly string[]): Promise<BenchResult> {
  const entries = countOption(args, 'entries', 300_000)
  const rate = countOption(args, 'rate', 10_000)
  const liveSec = countOption(args, 'live-sec', 8)
  const stage = await setUp(args)
  try {
    const { base } = stage
    const backlog = { ...base, lane: 'backlog' as const, perMessage: PER_MESSAGE }
    const perGate = Math.ceil(entries / base.gates / PER_MESSAGE) * PER_MESSAGE
    const rawPerGate = Math.max(PER_MESSAGE, Math.ceil(perGate / 2 / PER_MESSAGE) * PER_MESSAGE)
    say('warming up: everybody comes once')
    await rawLimit(stage, { ...backlog, phase: 1, entriesPerGate: PER_MESSAGE })
    const before = await rawLimit(stage, { ...backlog, phase: 2, entriesPerGate: rawPerGate })
    say(`statement alone: ${Math.round(before)}/s`)
    // The statement alone leaves changes of presence that nobody numbered: they are not part of what comes now.
    await stage.database.pool.query('TRUNCATE attendance.presence_pending')
    const side = await openSide(stage)
    const { pool } = stage.database
    const { result: sent, cost } = await costOf(pool, perGate * base.gates, () =>
      drive(stage, side.port, { ...backlog, phase: 3, entriesPerGate: perGate }),
    )
    const figure = (1_000 * perGate * base.gates) / sent.sentMs
    say(`backlog through everything: ${Math.round(figure)}/s`)
    const livePlan = {
      ...base,
      lane: 'live' as const,
      perMessage: 1,
      phase: 4,
      entriesPerGate: Math.ceil((rate * liveSec) / base.gates),
    }
    const liveEntries = livePlan.entriesPerGate * base.gates
    const { result: live, cost: liveCost } = await costOf(pool, liveEntries, () =>
      drive(stage, side.port, livePlan, rate),
    )
    const livePerSec = (1_000 * liveEntries) / live.sentMs
    say(`one entry per message: ${Math.round(livePerSec)}/s, p95 ${rounded(quantile([...live.latencies], 0.95))} ms`)
    await side.end()
    const after = await rawLimit(stage, { ...backlog, phase: 5, entriesPerGate: rawPerGate })
    say(`statement alone again: ${Math.round(after)}/s`)
    const exact = await verify(stage, perGate * base.gates, [sent, live])
    return result({
      figure,
      before,
      after,
      live,
      livePerSec,
      rate,
      exact,
      sent,
      stage,
      cost,
      liveCost,
      liveEntries,
      entries: perGate * base.gates,
    })
  } finally {
    await stage.end()
  }
}

interface Measured {
  readonly figure: number
  readonly before: number
  readonly after: number
  readonly live: Driven
  readonly livePerSec: number
  readonly rate: number
  readonly exact: boolean
  readonly sent: Driven
  readonly stage: IngestStage
  readonly entries: number
  readonly cost: Cost
  readonly liveCost: Cost
  readonly liveEntries: number
}

function result({
  figure,
  before,
  after,
  live,
  livePerSec,
  rate,
  exact,
  sent,
  stage,
  entries,
  cost,
  liveCost,
  liveEntries,
}: Measured): BenchResult {
  const raw = (before + after) / 2
  const p95 = quantile([...live.latencies], 0.95)
  const ratio = figure / raw
  return {
    bench: 'ingest',
    unit: 'entries/s',
    figure: Math.round(figure),
    rawLimit: Math.round(raw),
    ratio: rounded(ratio, 2),
    goal: `ratio >= ${GOAL_RATIO} and >= ${GOAL_PER_SEC}/s in backlog; ${rate}/s one per message at p95 <= ${GOAL_LIVE_P95_MS} ms`,
    met: exact && ratio >= GOAL_RATIO && figure >= GOAL_PER_SEC && livePerSec >= rate * 0.97 && p95 <= GOAL_LIVE_P95_MS,
    rawBefore: Math.round(before),
    rawAfter: Math.round(after),
    live: {
      offeredPerSec: rate,
      perSec: Math.round(livePerSec),
      p50Ms: rounded(quantile([...live.latencies], 0.5)),
      p95Ms: rounded(p95),
      p99Ms: rounded(quantile([...live.latencies], 0.99)),
      usPerEntry: { ...liveCost, generator: perEntry(live.cpuUs, liveEntries) },
    },
    usPerEntry: { ...cost, generator: perEntry(sent.cpuUs, entries) },
    exact,
    entries,
    writers: stage.writers,
    tls: stage.hasTls,
    resent: sent.resent + live.resent,
    feedBytesDown: sent.feedBytes + live.feedBytes,
  }
}

async function setUp(args: readonly string[]): Promise<IngestStage> {
  const writers = countOption(args, 'writers', 1)
  const hasTls = countOption(args, 'tls', 1) === 2
  const plan = {
    events: EVENTS,
    gates: countOption(args, 'gates', 200),
    people: countOption(args, 'people', 100_000),
    startsAt: Date.now() - 3_600_000,
  }
  say(`making ${plan.people} people`)
  const stage = await openStage(plan, [`mqtt.tls=${hasTls}`, `ingest.writers=${writers}`])
  await giveKeys(stage.database, stage.venue)
  // The first fill of the rosters has its own bench.
  await stage.database.pool.query('TRUNCATE roster.pending')
  await stage.database.pool.query('VACUUM ANALYZE')
  return { ...stage, base: { org: stage.venue.org, ...plan, everyMs: 900 }, writers, hasTls }
}

async function giveKeys({ pool }: Database, venue: Venue): Promise<void> {
  for (const [n, gate] of venue.gates.entries()) {
    const key = Buffer.from(rawPublicKey(createPublicKey(benchKey(n))))
    await pool.query('UPDATE gates.gates SET signing_key = $2 WHERE id = $1', [gate, key])
  }
}

type Driven = Extract<GeneratorReport, { kind: 'done' }>

async function drive(stage: IngestStage, port: number, plan: JournalPlan, ratePerSec?: number): Promise<Driven> {
  const tls = stage.hasTls ? { tls: await papers(stage) } : {}
  const order: GeneratorOrder = { plan, port, ...(ratePerSec === undefined ? {} : { ratePerSec }), ...tls }
  const worker = new Worker(new URL('ingest-generator.ts', import.meta.url), { workerData: order })
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.on('message', (report: GeneratorReport) => {
      if (report.kind === 'ready') worker.postMessage('go')
      else void worker.terminate().then(() => resolve(report))
    })
  })
}

async function papers({ authority, venue }: IngestStage) {
  const made = []
  let ca = ''
  for (const gate of venue.gates) {
    const handover = (await authority.issueHandover(gate, 'mqtts://127.0.0.1')) as {
      certificate: string
      privateKey: string
      ca: string
    }
    ca = handover.ca
    createPrivateKey(handover.privateKey)
    made.push({ certificate: handover.certificate, key: handover.privateKey })
  }
  return { ca, papers: made }
}

/** Nothing lost, nothing twice, chains as the gates have them, and every statistic equal to a recount. */
async function verify(
  { database: { pool } }: IngestStage,
  _entries: number,
  driven: readonly Driven[],
): Promise<boolean> {
  const heads = driven.flatMap((one) => one.heads)
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*) AS n FROM attendance.epochs WHERE encode(head, 'hex') = ANY($1) AND runs = '[]'
      AND through = (SELECT count(*) FROM attendance.attendance_records r WHERE r.epoch_ref = ref)`,
    [heads],
  )
  const { kept, recounted } = await recount(pool)
  const isEqual = JSON.stringify(kept) === JSON.stringify(recounted)
  if (!isEqual) say('kept statistics differ from a recount')
  if (rows[0]?.n !== heads.length) say(`${rows[0]?.n} of ${heads.length} journals are whole`)
  return isEqual && rows[0]?.n === heads.length
}
