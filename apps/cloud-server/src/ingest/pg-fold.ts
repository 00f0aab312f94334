/**
 * Turns checked batches into the rows of one ingest transaction. Pure: everything it must know of the database was learned before. Each
 * fact becomes a row; what the facts add up to (people, hours, minutes, gates, events, reasons) is summed on the way.
 */
import type { GateId } from '@gatehouse/domain'
import type { DecisionLine, JournalLine } from '@gatehouse/protocol'
import { FLAG, FLAG_OF_CHECK } from './pg-flags.ts'
import { addPeople, type Crowd, createCrowd } from './pg-people.ts'
import type { KnownEvent, KnownGate, Refs } from './pg-refs.ts'
import { emptyRows, type IngestRows } from './pg-rows.ts'
import { addSums, createSums, type Sums } from './pg-sums.ts'
import type { Fact, GateBatch } from './ports.ts'

export interface Undo {
  readonly epochRef: number
  readonly seq: number
}

export interface Folded {
  readonly rows: IngestRows
  readonly undos: readonly { readonly gate: GateId; readonly epoch: string; readonly seq: number }[]
  /** For the message to other contexts: what happened in which event. */
  readonly touched: ReadonlyMap<string, KnownEvent>
}

const METHOD = { ble: 0, qr: 1, manual: 2 } as const
const OUTCOME = { admit: 0, deny: 1, ask: 2 } as const
const NO_CREDENTIAL = '0'.repeat(32)

interface Place {
  readonly rows: IngestRows
  readonly refs: Refs
  readonly crowd: Crowd
  readonly sums: Sums
  readonly touched: Map<string, KnownEvent>
  readonly undos: { gate: GateId; epoch: string; seq: number }[]
}

/** `epochRefOf` and `refs` know every epoch, gate, event and participant of the batches that the database has. */
export function foldBatches(
  batches: readonly GateBatch[],
  refs: Refs,
  epochRefOf: (batch: GateBatch) => number,
): Folded {
  const place: Place = {
    rows: emptyRows(),
    refs,
    crowd: createCrowd(),
    sums: createSums(),
    touched: new Map(),
    undos: [],
  }
  const known = batches.map((batch) => ({ batch, epochRef: epochRefOf(batch) }))
  // In key order, as everything that is locked.
  for (const { batch, epochRef } of known.sort((one, other) => one.epochRef - other.epochRef)) {
    addEpoch(place.rows, batch, epochRef)
    const gate = refs.gate(batch.gate)
    for (const fact of batch.facts) addFact(place, batch, fact, epochRef, gate)
    for (const { seq, raw, reason, digest } of batch.parked) park(place.rows, epochRef, seq, raw, reason, digest)
  }
  addPeople(place.rows, place.crowd)
  addSums(place.rows, place.sums)
  return { rows: place.rows, undos: place.undos, touched: place.touched }
}

function addEpoch({ epochs: { values } }: IngestRows, { before, after }: GateBatch, epochRef: number): void {
  values.epoch_ref.push(epochRef)
  values.revision.push(before.revision)
  values.through.push(after.through)
  values.signed_to.push(after.signedTo)
  values.unsigned_since.push(after.unsignedSince ?? null)
  values.head.push(Buffer.from(after.head, 'hex'))
  values.forked.push(after.forked)
  values.runs.push(JSON.stringify(after.runs))
}

function park(
  { parked: { values } }: IngestRows,
  epochRef: number,
  seq: number,
  raw: string,
  reason: string,
  digest: string,
): void {
  values.epoch_ref.push(epochRef)
  values.seq.push(seq)
  values.reason.push(reason)
  values.digest.push(digest)
  // PostgreSQL has no NUL in text.
  values.raw.push(raw.replaceAll('\0', '\uFFFD'))
}

function addFact(place: Place, batch: GateBatch, fact: Fact, epochRef: number, gate: KnownGate | undefined): void {
  const { line } = fact
  if (line.kind !== 'decision') return addLogEntry(place, batch, fact, epochRef, gate)
  const known = place.refs.event(line.event)
  // A gate may name any event; one of another organization is nothing that it can know of.
  const event = known?.org === batch.org ? known : undefined
  if (!event || !gate)
    return park(
      place.rows,
      epochRef,
      fact.seq,
      JSON.stringify(line),
      event ? 'unknown-gate' : 'unknown-event',
      fact.digest,
    )
  place.touched.set(line.event, event)
  addDecision(place, batch, fact, line, { epochRef, gate, event })
}

function addLogEntry(
  place: Place,
  batch: GateBatch,
  { seq, line, digest }: Fact,
  epochRef: number,
  gate: KnownGate | undefined,
): void {
  const { values } = place.rows.log
  values.epoch_ref.push(epochRef)
  values.seq.push(seq)
  values.gate_ref.push(gate?.ref ?? 0)
  values.at.push(storableInstant(line.at))
  values.kind.push(line.kind)
  values.digest.push(digest)
  values.body.push(storableJson(line))
  if (line.kind === 'undo') place.undos.push({ gate: batch.gate, epoch: line.ofEpoch ?? batch.epoch, seq: line.of })
}

interface Known {
  readonly epochRef: number
  readonly gate: KnownGate
  readonly event: KnownEvent
}

function addDecision(
  { rows, refs, crowd, sums }: Place,
  batch: GateBatch,
  fact: Fact,
  line: DecisionLine,
  known: Known,
): void {
  const { values } = rows.facts
  const at = storableInstant(line.at)
  const person = line.participant === undefined ? undefined : refs.participant(line.participant)
  // Who is registered for another event is unknown to this one.
  const participant = person?.eventRef === known.event.ref ? person.ref : undefined
  const direction = line.direction === 'entry' ? 0 : 1
  const outcome = OUTCOME[line.outcome]
  const index = values.at.length
  values.at.push(at)
  values.received_at.push(batch.receivedAt)
  values.seq.push(fact.seq)
  values.digest.push(fact.digest)
  values.credential.push(line.credential === NO_CREDENTIAL ? null : line.credential)
  values.epoch_ref.push(known.epochRef)
  values.event_ref.push(known.event.ref)
  values.gate_ref.push(known.gate.ref)
  values.participant_ref.push(participant ?? null)
  values.took_us.push(isRequest(line) ? null : Math.min(line.tookUs, 2_147_483_647))
  values.method.push(METHOD[line.via])
  values.direction.push(direction)
  values.outcome.push(outcome)
  values.flags.push(flagsOf(fact, line, known.event, participant))
  values.reason.push(line.reason ?? null)
  values.rule.push(line.rule ?? null)
  values.details.push(detailsOf(line))
  const passes = outcome === 0 && participant !== undefined
  values.since.push(passes ? at - known.event.windowMs : null)
  if (passes) crowd.add({ index, at, direction, participant, gate: known.gate, event: known.event }, values.flags)
  sums.add({
    at,
    direction,
    outcome,
    method: METHOD[line.via],
    tookUs: values.took_us[index] as number | null,
    reason: line.reason,
    gateRef: known.gate.ref,
    event: known.event,
  })
}

/** A record asked for by HTTP took no time at a gate: it must not lower the mean. */
function isRequest(line: DecisionLine): boolean {
  return line.boot === '00000000-0000-0000-0000-000000000000'
}

function flagsOf(fact: Fact, line: DecisionLine, event: KnownEvent, participant: number | undefined): number {
  let flags = 0
  for (const name of fact.flags) flags |= FLAG_OF_CHECK[name] ?? 0
  if (line.clock.trust === 'unknown') flags |= FLAG.clockUntrusted
  if (line.offline) flags |= FLAG.offline
  if (line.override !== undefined && line.override !== false) flags |= FLAG.override
  if (line.outcome !== 'admit') return flags
  if (participant === undefined) flags |= line.participant === undefined ? FLAG.signedUnknown : FLAG.unknownParticipant
  if (line.at < event.opensAt || line.at > event.closesAt) flags |= FLAG.outsideHours
  return flags
}

/** What most lines do not have is kept together in one column. Lane "1" is what a gate with one lane calls it. */
function detailsOf(line: DecisionLine): string | null {
  const { lane, staff, override, location, deviceInfo, rssi, was } = line
  const plain = staff === undefined && override === undefined && location === undefined && deviceInfo === undefined
  if (plain && rssi === undefined && was === undefined) return lane === '1' ? null : storableJson({ lane })
  return storableJson({ lane, staff, override, location, deviceInfo, rssi, was })
}

/** JSON for jsonb, which knows neither NUL nor half a surrogate pair. */
function storableJson(value: JournalLine | Record<string, unknown>): string {
  const text = JSON.stringify(value)
  return text.includes('\\u') ? text.replaceAll(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd') : text
}

/** A gate with a wild clock may say any integer; PostgreSQL's calendar ends earlier. The archive keeps what was said. */
function storableInstant(at: number): number {
  return Math.min(Math.max(at, -62_135_596_800_000), 253_402_300_799_000)
}
