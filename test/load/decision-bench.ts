/**
 * How long a person with a ticket waits for the gate: from the reading to the pulse of the door, with the decision durable in
 * between, among 200,000 participants; and, beside it, from the text of the code, which adds the check of its Ed25519
 * signature. The rooms are the gate's own; only the door is a stopwatch. The raw limit is
 * one bare FULL transaction with a row of the same size on the same disk, taken in turn with the decisions, so that both
 * meet the same neighbours.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochId, EventId, GateId, ParticipantId, Presented } from '@gatehouse/domain'
import { createFakeLight, type DoorDriver } from '@gatehouse/drivers'
import { createAdmit } from '@gatehouse/gate-agent/admit/admit.ts'
import { createDoorkeeper } from '@gatehouse/gate-agent/door/doorkeeper.ts'
import { createLamp } from '@gatehouse/gate-agent/door/lamp.ts'
import { madeHandover } from '@gatehouse/gate-agent/handover-for-tests.ts'
import { createLane } from '@gatehouse/gate-agent/lane.ts'
import { presentQr } from '@gatehouse/gate-agent/scan/present-qr.ts'
import { createSqliteJournal } from '@gatehouse/gate-agent/store/sqlite-journal.ts'
import { createSqliteRoster, type SqliteRoster } from '@gatehouse/gate-agent/store/sqlite-roster.ts'
import { canonicalJson, encodeTicket, pseudonym, type RosterLine } from '@gatehouse/protocol'
import { silentLogger, systemClock } from '@gatehouse/runtime'
import { seededRandom, uuidFrom } from '@gatehouse/testkit'
import Database from 'better-sqlite3'
import { type BenchResult, countOption, quantile, rounded } from './bench.ts'

export const about = 'a reading to the pulse of the door, durable in between (--people, --decisions, --seed)'

const event = '01990000-0000-7000-8000-00000000e001' as EventId
const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const PAGE = 700
const WARM_UP = 300
const GOAL_MS = 10

const made = madeHandover('decision bench')
const pepper = Buffer.from(String(made.document.pepper), 'hex')
const ticketId = (n: number) => n.toString(16).padStart(20, '0')

function personLine(n: number, id: string): RosterLine {
  const credentials = [
    { kind: 'qr' as const, key: pseudonym(pepper, 'qr', ticketId(n)), status: 'active' as const },
    { kind: 'badge' as const, key: pseudonym(pepper, 'badge', `rb:${n}`), status: 'active' as const },
  ]
  const rest = {
    status: 'active' as const,
    ticketType: 'day',
    zones: ['hall'],
    entryPolicy: 're-entry' as const,
    name: `Person ${n} 김소영`,
  }
  return { kind: 'participant', id: id as ParticipantId, credentials, ...rest }
}

function rulesLine(now: number): RosterLine {
  const hours = { startsAt: now - 3_600_000, endsAt: now + 36_000_000 }
  const zones = [{ id: 'hall', name: 'Hall' }]
  return {
    kind: 'rules',
    id: event,
    timeZone: 'Asia/Seoul',
    zones,
    gates: { [gate]: { zone: 'hall' } },
    ticketKeys: [made.ticketKey],
    ...hours,
  }
}

/** Rows per second, by pages of the size the network delivers. */
function fillRoster(roster: SqliteRoster, people: number, seed: number): number {
  const random = seededRandom(seed)
  const lines = [rulesLine(Date.now()), ...Array.from({ length: people }, (_, n) => personLine(n, uuidFrom(random)))]
  const rows = lines.map((line) => ({ line, text: canonicalJson(line) }))
  const startedMs = performance.now()
  for (let from = 0; from < rows.length; from += PAGE) {
    const page = rows.slice(from, from + PAGE)
    roster.stageSnapshot('roster', { from, to: from + page.length, lines: page })
  }
  roster.finishSnapshot('roster', rows.length)
  return Math.round((1000 * rows.length) / (performance.now() - startedMs))
}

/** Notes when it is told to let somebody in; its contact opens and shuts at once, so that it is ready for the next one. */
function createStopwatchDoor() {
  let contact: (state: 'open' | 'closed') => void = () => undefined
  let pulse = Promise.withResolvers<number>()
  const driver: DoorDriver = {
    name: 'stopwatch',
    async energise() {
      pulse.resolve(performance.now())
    },
    deenergise: async () => undefined,
    onContact(listener) {
      contact = listener
      return () => undefined
    },
    stop: async () => undefined,
  }
  return {
    driver,
    next() {
      pulse = Promise.withResolvers<number>()
      return pulse.promise
    },
    passAndShut() {
      contact('open')
      contact('closed')
    },
  }
}

function openGate(folder: string, people: number, seed: number) {
  const journal = createSqliteJournal({
    path: join(folder, 'journal.db'),
    epoch: () => '01990000-0000-7000-8000-0000000000e1' as EpochId,
  })
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  const rowsPerSec = fillRoster(roster, people, seed)
  const clock = systemClock
  const admit = createAdmit({
    journal,
    roster,
    clock,
    boot: '01990000-0000-7000-8000-00000000f001',
    clockState: () => ({ trust: 'synced', offsetMs: 0, errorMs: 10 }),
    event,
    gate,
    isOffline: () => true,
  })
  const stopwatch = createStopwatchDoor()
  const door = createDoorkeeper({
    driver: stopwatch.driver,
    releaseMs: 3_000,
    journal: (state) => void admit.door(state, 'a'),
    passed: (of) => void admit.passage(of),
    clock,
    logger: silentLogger,
  })
  const lamp = createLamp({ driver: createFakeLight(), clock, logger: silentLogger })
  const lane = createLane({
    lane: 'a',
    direction: 'entry',
    admit,
    journal,
    roster,
    door,
    lamp,
    clock,
    announce: () => undefined,
    decided: () => undefined,
  })
  const present = (text: string) =>
    presentQr(text, { event, pepper, ticketKeys: roster.rules()?.ticketKeys ?? [], at: clock.now() })
  const serve = (presented: Presented) => lane.serve({ presented, via: 'qr' })
  return { journal, roster, door, lamp, stopwatch, present, serve, rowsPerSec }
}

/** One row of as many bytes as the journal writes for a decision, durable on its own. */
function openRawTransaction(folder: string) {
  const db = new Database(join(folder, 'raw.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE raw (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO raw (body) VALUES (?)')
  return {
    write(body: Uint8Array): number {
      const startedMs = performance.now()
      insert.run(body)
      return performance.now() - startedMs
    },
    close: () => db.close(),
  }
}

const spread = (ms: readonly number[]) => ({
  p50: rounded(quantile(ms, 0.5), 3),
  p95: rounded(quantile(ms, 0.95), 3),
  p99: rounded(quantile(ms, 0.99), 3),
  max: rounded(Math.max(...ms), 3),
})

export async function run(args: readonly string[]): Promise<BenchResult> {
  const people = countOption(args, 'people', 200_000)
  const decisions = Math.min(countOption(args, 'decisions', 5_000), people - WARM_UP)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-decision-'))
  mkdirSync(folder, { recursive: true })
  try {
    return await measure(folder, people, decisions, countOption(args, 'seed', 1))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string, people: number, decisions: number, seed: number): Promise<BenchResult> {
  process.stderr.write(`filling a roster of ${people} participants\n`)
  const room = openGate(folder, people, seed)
  const raw = openRawTransaction(folder)
  const ending = new AbortController()
  const doorEnds = room.door.run(ending.signal)
  const oursMs: number[] = []
  const fromTextMs: number[] = []
  const rawMs: number[] = []
  process.stderr.write(`${decisions} decisions, each beside a bare transaction\n`)
  for (let n = 0; n < decisions + WARM_UP; n += 1) {
    const text = ticketText(n, people)
    const pulse = room.stopwatch.next()
    const shownMs = performance.now()
    const presented = room.present(text)
    const startedMs = performance.now()
    const answer = room.serve(presented)
    if (answer.decision.outcome !== 'admit') throw new Error(`not admitted: ${JSON.stringify(answer)}`)
    const pulsedMs = await pulse
    room.stopwatch.passAndShut()
    await new Promise((resolve) => setImmediate(resolve))
    const bareMs = raw.write(Buffer.alloc(sizeOf(room.journal, answer.seq ?? 0), 1))
    if (n >= WARM_UP) {
      oursMs.push(pulsedMs - startedMs)
      fromTextMs.push(pulsedMs - shownMs)
      rawMs.push(bareMs)
    }
  }
  ending.abort()
  await doorEnds
  await room.door.stop()
  await room.lamp.stop()
  raw.close()
  room.journal.close()
  room.roster.close()
  const details = { fromTicketText: spread(fromTextMs), people, decisions, rosterRowsPerSec: room.rowsPerSec }
  return result(oursMs, rawMs, details)
}

/** A spread of people, so that no page of the roster is warm by being a neighbour's. */
function ticketText(n: number, people: number): string {
  const who = (n * 7_919) % people
  const fields = { keyId: 1, eventId: event, ticket: ticketId(who), class: 0, flags: 0, notBefore: 0, notAfter: 0 }
  return encodeTicket(fields, made.tickets)
}

function sizeOf(journal: ReturnType<typeof createSqliteJournal>, seq: number): number {
  const [row] = journal.rows(journal.epoch(), seq, 1)
  const markBytes = 190
  return Buffer.byteLength(row?.line ?? '') + 32 + markBytes
}

function result(oursMs: readonly number[], rawMs: readonly number[], details: object): BenchResult {
  const [ours, bare] = [spread(oursMs), spread(rawMs)]
  const ratio = rounded(ours.p99 / bare.p99, 2)
  return {
    bench: 'decision',
    unit: 'ms p99',
    figure: ours.p99,
    rawLimit: bare.p99,
    ratio,
    goal: `p99 at most twice that of a bare FULL transaction, and at most ${GOAL_MS} ms`,
    met: ratio <= 2 && ours.p99 <= GOAL_MS,
    ours,
    raw: bare,
    ...details,
  }
}
