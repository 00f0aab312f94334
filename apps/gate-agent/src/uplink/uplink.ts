/**
 * The way of the journal to the cloud. It promises that every entry arrives at least once, live ones first, and that nothing is
 * forgotten before the cloud has said, after its commit, "all of 1..n". It holds positions only: the journal is the queue.
 *
 * The present epoch is acknowledged by prefix. An ended epoch (its disk was restored or cloned, so that the cloud holds other
 * bytes under some of its numbers) is settled batch by batch, in order: what the cloud parks there is journalled again.
 *
 * The link calls `connected`, `disconnected`, `appended` and `received`, and after each of them, and whenever `dueAt` has
 * come, publishes what `tick` returns.
 */
import type { EpochId } from '@gatehouse/domain'
import { type Ack, type Hello, LIMITS, toHex } from '@gatehouse/protocol'
import { type Clock, createBackoff, type Random } from '@gatehouse/runtime'
import type { EpochPosition, JournalStore } from '../store/ports.ts'
import { entriesAgain } from './again.ts'
import { type Batch, type BatchLane, cutBatch, encodeBatch } from './batch.ts'
import { createSuspectWatch, rightAfterMs } from './suspect.ts'

export interface UplinkMessage {
  /** The topic below `up/`. */
  readonly name: 'hello' | 'journal'
  readonly payload: Uint8Array
}

export type UplinkNote =
  | { readonly what: 'new-epoch'; readonly ended: EpochId; readonly epoch: EpochId }
  | { readonly what: 'parked-by-cloud'; readonly epoch: EpochId; readonly seqs: readonly number[] }
  | { readonly what: 'parked-by-gate'; readonly epoch: EpochId; readonly seq: number }

export interface UplinkNeeds {
  readonly journal: JournalStore
  readonly clock: Pick<Clock, 'now' | 'monoMs'>
  readonly random: Random
  readonly sign: (epoch: EpochId, to: number, headHex: string) => string
  readonly newEpochId: () => EpochId
  /** What hello says besides the journal's position. */
  readonly about: () => Pick<Hello, 'software' | 'protocol' | 'boot' | 'feeds'>
  /** Things an operator should know. */
  readonly note?: (note: UplinkNote) => void
}

export interface Uplink {
  connected(): void
  disconnected(): void
  /** The journal has new rows. */
  appended(): void
  received(ack: Ack): void
  /** What is to be published now, in this order. */
  tick(): readonly UplinkMessage[]
  /** Monotonic instant at which `tick` has something to do again; Infinity when only a call can change that. */
  dueAt(): number
  /** Hello or ack seen on this connection. */
  readonly answered: boolean
}

interface InFlight {
  readonly batch: Batch
  readonly sentAt: number
  readonly sentMonoMs: number
  resendMonoMs: number
  /** The cloud has it; only the prefix before it is missing. */
  held: boolean
}

const liveBatchEntries = 25
const liveBatchesInFlight = 8
const gatherMs = LIMITS.liveWithinMs - 10
/** How long the backlog waits for the answer to hello, which may say that this disk is not the one the cloud knows. */
const answerWithinMs = 2000
const longestResendMs = 30_000

export function createUplink(needs: UplinkNeeds): Uplink {
  const { journal, clock } = needs
  const backoff = createBackoff({ firstMs: LIMITS.resendAfterMs, maxMs: longestResendMs, random: needs.random })
  const suspects = createSuspectWatch()
  const skipped = new Set<string>()
  const flights = new Set<InFlight>()
  const isSkipped = (epoch: EpochId, seq: number) => skipped.has(`${epoch} ${seq}`)

  let isConnected = false
  let answered = false
  let connectedMonoMs = 0
  let helloDueMonoMs = Number.POSITIVE_INFINITY
  let resendMs: number = LIMITS.resendAfterMs
  /** Entries from here on are live: they were made on this connection. */
  let liveFrom = 1
  let liveNext = 1
  let backlogNext = 1
  let liveSinceMonoMs: number | undefined
  let lastSentAt = 0
  let lastSignedMonoMs = Number.NEGATIVE_INFINITY
  /** Present epoch: highest seq sent, and highest covered by a signature that was sent. */
  let sentTo = 0
  let signedTo = 0

  /** No two messages of a connection carry the same instant: an ack may name nothing but that. */
  function nextSentAt(): number {
    lastSentAt = Math.max(clock.now(), lastSentAt + 1)
    return lastSentAt
  }

  function startLanes(): void {
    liveFrom = journal.lastSeq() + 1
    liveNext = liveFrom
    backlogNext = presentPosition().ackedThrough + 1
    liveSinceMonoMs = undefined
    sentTo = 0
    signedTo = 0
  }

  function presentPosition(): EpochPosition {
    const present = journal.epochs().at(-1)
    if (present?.epoch !== journal.epoch()) throw new Error('the journal does not know its present epoch')
    return present
  }

  function connected(): void {
    isConnected = true
    answered = false
    connectedMonoMs = clock.monoMs()
    helloDueMonoMs = connectedMonoMs
    lastSignedMonoMs = Number.NEGATIVE_INFINITY
    lastSentAt = 0
    flights.clear()
    beginAnew()
    startLanes()
  }

  function disconnected(): void {
    if (!isConnected) return
    isConnected = false
    const first = [...flights].find((flight) => !flight.held && clock.monoMs() - flight.sentMonoMs <= rightAfterMs)
    const parked = first && answered ? suspects.closedAfter(first.batch) : undefined
    if (first && parked !== undefined) parkHere(first.batch.epoch, parked)
    flights.clear()
  }

  function parkHere(epoch: EpochId, seq: number): void {
    skipped.add(`${epoch} ${seq}`)
    const position = journal.epochs().find((each) => each.epoch === epoch)
    if (position) journal.acknowledge(epoch, position.ackedThrough, [seq])
    needs.note?.({ what: 'parked-by-gate', epoch, seq })
  }

  function appended(): void {
    liveSinceMonoMs ??= clock.monoMs()
  }

  /** Retries start anew after any ack: a gate that waited a minute in an outage does not keep that pace afterwards. */
  function beginAnew(): void {
    backoff.reset()
    resendMs = backoff.nextMs()
    const latest = clock.monoMs() + resendMs
    for (const flight of flights) flight.resendMonoMs = Math.min(flight.resendMonoMs, latest)
  }

  function received(ack: Ack): void {
    if (!isConnected) return
    const position = journal.epochs().find((each) => each.epoch === ack.epoch)
    const isFirst = !answered
    answered = true
    helloDueMonoMs = Number.POSITIVE_INFINITY
    beginAnew()
    if (!position) return
    if (position.epoch === journal.epoch() && tellsOfFork(ack, position)) forkFrom(position.epoch)
    if (position.epoch === journal.epoch()) settlePrefix(ack, position, isFirst)
    else settleEnded(ack, position)
  }

  /** Whether the cloud holds another history of this epoch than we do. */
  function tellsOfFork(ack: Ack, { epoch, lastSeq }: EpochPosition): boolean {
    if (ack.newEpoch === true || ack.through > lastSeq) return true
    const ours = ack.head === undefined ? undefined : journal.hashAt(epoch, ack.through)
    return ours !== undefined && toHex(ours) !== ack.head
  }

  function forkFrom(ended: EpochId): void {
    const epoch = needs.newEpochId()
    journal.openEpoch(epoch)
    // What waits for an ack of the old epoch goes again, in order and one by one.
    for (const flight of flights) if (flight.batch.epoch === ended) flights.delete(flight)
    startLanes()
    needs.note?.({ what: 'new-epoch', ended, epoch })
  }

  function settlePrefix(ack: Ack, { epoch, ackedThrough }: EpochPosition, isFirst: boolean): void {
    if (ack.through > ackedThrough || ack.parked.length > 0) journal.acknowledge(epoch, ack.through, ack.parked)
    if (ack.parked.length > 0) needs.note?.({ what: 'parked-by-cloud', epoch, seqs: ack.parked })
    // A cloud that was restored from a backup lacks what we already counted as safe; what is still here goes again.
    const isBehind = isFirst && ack.through < ackedThrough && journal.rows(epoch, ack.through + 1, 1).length > 0
    backlogNext = isBehind ? ack.through + 1 : Math.max(backlogNext, ack.through + 1)
    liveNext = Math.max(liveNext, ack.through + 1)
    for (const flight of flights) {
      const { batch } = flight
      if (batch.epoch !== epoch) continue
      if (batch.to <= ack.through) flights.delete(flight)
      else if (answers(ack, flight)) flight.held = true
      else continue
      suspects.arrived(epoch, batch.to)
    }
  }

  function settleEnded(ack: Ack, { epoch }: EpochPosition): void {
    const flight = [...flights].find((each) => each.batch.epoch === epoch && answers(ack, each))
    if (!flight) return
    const { from, to, skipped: wasSkipped } = flight.batch
    const parked = ack.parked.filter((seq) => seq >= from && seq <= to)
    const rows = wasSkipped ? [] : journal.rows(epoch, from, to - from + 1).filter(({ seq }) => parked.includes(seq))
    journal.acknowledge(epoch, to, parked, entriesAgain(epoch, rows, journal.lastSeq() + 1))
    if (rows.length > 0) appended()
    flights.delete(flight)
    suspects.arrived(epoch, to)
  }

  function tick(): readonly UplinkMessage[] {
    if (!isConnected) return []
    const messages: UplinkMessage[] = []
    const now = clock.monoMs()
    if (now >= helloDueMonoMs) messages.push(hello())
    const overdue = [...flights].filter((flight) => !flight.held && now >= flight.resendMonoMs)
    if (overdue.length > 0) resendMs = backoff.nextMs()
    for (const flight of overdue) messages.push(...resend(flight))
    for (let batch = nextBatch(); batch; batch = nextBatch()) messages.push(send(batch))
    if (isTailDue()) messages.push(...signTail())
    return messages
  }

  function hello(): UplinkMessage {
    const { epoch, lastSeq, ackedThrough } = presentPosition()
    const head = journal.hashAt(epoch, lastSeq)
    const message: Hello = {
      v: 1,
      ...needs.about(),
      epoch,
      lastSeq,
      ackedSeq: ackedThrough,
      ...(head ? { head: toHex(head) } : {}),
      sentAt: nextSentAt(),
    }
    helloDueMonoMs = clock.monoMs() + backoff.nextMs()
    return { name: 'hello', payload: Buffer.from(JSON.stringify(message)) }
  }

  function nextBatch(): Batch | undefined {
    if (suspects.careful()) {
      const isBusy = [...flights].some((flight) => !flight.held)
      return isBusy || !answered ? undefined : (nextLive() ?? nextBacklog() ?? nextEnded())
    }
    return nextLive() ?? nextBacklog() ?? nextEnded()
  }

  function inFlight(lane: BatchLane): number {
    let count = 0
    for (const { batch, held } of flights) if (batch.lane === lane && !held) count += 1
    return count
  }

  function nextLive(): Batch | undefined {
    const waiting = journal.lastSeq() - liveNext + 1
    const flying = inFlight('live')
    if (waiting <= 0 || flying >= liveBatchesInFlight) return undefined
    const isGathered = flying === 0 || waiting >= liveBatchEntries || clock.monoMs() >= gatheredAt()
    if (!isGathered) return undefined
    const batch = cut(journal.epoch(), liveNext, liveBatchEntries, 'live')
    if (batch) liveNext = batch.to + 1
    if (batch) liveSinceMonoMs = liveNext > journal.lastSeq() ? undefined : clock.monoMs()
    return batch
  }

  function gatheredAt(): number {
    return (liveSinceMonoMs ?? connectedMonoMs) + gatherMs
  }

  function mayCatchUp(): boolean {
    const isHeard = answered || clock.monoMs() - connectedMonoMs >= answerWithinMs
    return isHeard && inFlight('backlog') < LIMITS.batchesInFlight
  }

  function nextBacklog(): Batch | undefined {
    if (backlogNext >= liveFrom || !mayCatchUp()) return undefined
    const atMost = Math.min(LIMITS.batchEntries, liveFrom - backlogNext)
    const batch = cut(journal.epoch(), backlogNext, atMost, 'backlog')
    if (batch) backlogNext = batch.to + 1
    return batch
  }

  function nextEnded(): Batch | undefined {
    const [oldest] = journal.epochs()
    if (!oldest || oldest.epoch === journal.epoch() || !mayCatchUp()) return undefined
    for (const { batch } of flights) if (batch.epoch === oldest.epoch) return undefined
    return cut(oldest.epoch, oldest.ackedThrough + 1, LIMITS.batchEntries, 'backlog')
  }

  function cut(epoch: EpochId, from: number, atMost: number, lane: BatchLane): Batch | undefined {
    return cutBatch(journal, { epoch, from, atMost: Math.min(atMost, suspects.limit(epoch, from)), lane, isSkipped })
  }

  function send(batch: Batch): UplinkMessage {
    const now = clock.monoMs()
    const sentAt = nextSentAt()
    const count = batch.to - batch.from + 1
    const isSigned = count >= LIMITS.signFromEntries || now - lastSignedMonoMs >= LIMITS.signAfterMs || batch.skipped
    flights.add({ batch: forget(batch), sentAt, sentMonoMs: now, resendMonoMs: now + resendMs, held: false })
    if (batch.epoch === journal.epoch()) sentTo = Math.max(sentTo, batch.to)
    if (isSigned) noteSigned(batch)
    return { name: 'journal', payload: encodeBatch(batch, sentAt, isSigned ? needs.sign : undefined) }
  }

  function noteSigned(batch: Batch): void {
    lastSignedMonoMs = clock.monoMs()
    if (batch.epoch === journal.epoch()) signedTo = Math.max(signedTo, batch.to)
  }

  /** The same rows again; no more than those, so that the cloud sees the same message. */
  function resend(flight: InFlight): UplinkMessage[] {
    const { epoch, from, to, lane } = flight.batch
    flights.delete(flight)
    const batch = cutBatch(journal, { epoch, from, atMost: to - from + 1, lane, isSkipped })
    return batch ? [send(batch)] : []
  }

  /** Lines sent after the last signature would stay unsigned when the gate falls silent. */
  function isTailDue(): boolean {
    return sentTo > signedTo && clock.monoMs() - lastSignedMonoMs >= LIMITS.signAfterMs && !suspects.careful()
  }

  function signTail(): UplinkMessage[] {
    const batch = cutBatch(journal, { epoch: journal.epoch(), from: sentTo, atMost: 1, lane: 'live', isSkipped })
    noteSigned({ ...(batch ?? { epoch: journal.epoch(), to: sentTo }) } as Batch)
    return batch ? [{ name: 'journal', payload: encodeBatch(batch, nextSentAt(), needs.sign) }] : []
  }

  function dueAt(): number {
    if (!isConnected) return Number.POSITIVE_INFINITY
    const now = clock.monoMs()
    let due = helloDueMonoMs
    for (const flight of flights) if (!flight.held) due = Math.min(due, flight.resendMonoMs)
    // What is past and was not sent by the last tick waits for an ack, not for time.
    const later = (instant: number) => (instant > now ? instant : Number.POSITIVE_INFINITY)
    if (liveNext <= journal.lastSeq()) due = Math.min(due, later(gatheredAt()))
    if (!answered) due = Math.min(due, later(connectedMonoMs + answerWithinMs))
    if (sentTo > signedTo) due = Math.min(due, later(lastSignedMonoMs + LIMITS.signAfterMs))
    return due
  }

  return {
    connected,
    disconnected,
    appended,
    received,
    tick,
    dueAt,
    get answered() {
      return answered
    },
  }
}

/** Whether the ack speaks of this very message: by its bytes, or by its time for a cloud that does not say more. */
function answers(ack: Ack, { batch, sentAt }: InFlight): boolean {
  const { from, to, head } = ack.echo
  if (from === undefined) return ack.echo.sentAt === sentAt
  return from === batch.from && to === batch.to && head === batch.head
}

/** Lines are read again when they are needed again. */
function forget(batch: Batch): Batch {
  return { ...batch, lines: [] }
}
