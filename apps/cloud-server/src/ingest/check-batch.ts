/**
 * Judges one journal message against what is held of that gate's epoch: which lines are new facts, which are repetitions, which have to
 * be parked and why, and what is held afterwards. It is pure; the same bytes on the same state give the same answer, so a
 * message that was checked against a stale state is simply checked again.
 *
 * A fact is never refused. Parked (kept raw, alerted, counted as held) is only what cannot be used: a line that is no entry, a
 * message whose chain or signature is wrong, other bytes under a number that is taken ('conflict'), and lines that follow
 * another history than the one we hold ('fork'). The last two tell the gate to open a new epoch, where it writes them again.
 */
import type { EventId } from '@gatehouse/domain'
import { fromHex, type JournalLine, LIMITS, parseJournalLine, toHex } from '@gatehouse/protocol'
import { type Chain, chainOf, digestOfHash, type JournalMessage } from './journal-message.ts'
import type { EpochState, Fact, Held, Parked, RawLines } from './ports.ts'
import { addPart, isHeld, knownHash, missing, type Range, type Ranges } from './runs.ts'

export interface Alert {
  readonly what: 'conflict' | 'fork' | 'chain' | 'signature' | 'unsigned' | 'schema' | 'broken-join' | 'skipped-by-gate'
  readonly seq: number
  readonly count: number
}

export interface Checked {
  readonly facts: readonly Fact[]
  readonly parked: readonly Parked[]
  readonly raw?: RawLines
  /** Equal to the state before when nothing is to be written. */
  readonly after: EpochState
  /** Seqs of this message that are parked, now or since earlier. */
  readonly parkedSeqs: readonly number[]
  readonly alerts: readonly Alert[]
}

export interface CheckInput {
  readonly message: JournalMessage
  readonly state: EpochState
  /** What is held within the message's range; needed only where `needsHeld` says so. */
  readonly held: ReadonlyMap<number, Held>
  readonly verify: (epoch: string, to: number, headHex: string, sig: string) => boolean
  readonly events: ReadonlySet<EventId>
  readonly receivedAt: number
}

/** Undefined: the message cannot be placed now (too many runs) and must come again when the gaps before it are filled. */
export type CheckBatch = (input: CheckInput) => Checked | undefined

/** Clocks at gates may be ahead by a little; more is said so. */
const futureMs = 120_000

export function needsHeld(state: EpochState, { header }: JournalMessage): boolean {
  return missing(state, header).reduce((sum, { from, to }) => sum + to - from + 1, 0) < header.to - header.from + 1
}

export const checkBatch: CheckBatch = (input) => {
  const { message, state } = input
  const chain = chainOf(message)
  const whole = wholeProblem(input, chain)
  const known = judgeHeld(input, chain, whole)
  const found: Found = { facts: [], parked: known.conflicts, alerts: [] }
  let ranges: Ranges = { through: state.through, head: state.head, runs: state.runs }
  let forked = false
  for (const part of missing(state, message.header)) {
    const prev = hashAt(input, chain, part.from - 1)
    const head = hashAt(input, chain, part.to)
    const isFork = !whole && forksFrom(state, part, prev)
    forked ||= isFork
    take(input, chain, part, whole ?? (isFork ? 'fork' : undefined), found)
    if (!whole && !isFork && breaksInto(state, part, head)) {
      // Both sides are facts and stay; but they are of two histories, and whoever goes on should leave this epoch.
      alert(found, 'broken-join', part.to, 1)
      forked = true
    }
    const grown = addPart(ranges, { ...part, prev, head })
    if (!grown) return undefined
    ranges = grown
  }
  if (lacksSignature(message)) alert(found, 'unsigned', message.header.from, message.lines.length)
  if (known.conflicts.length > 0) alert(found, 'conflict', known.conflicts[0]?.seq ?? 0, known.conflicts.length)
  return conclude(input, { found, ranges, whole, parkedBefore: known.parkedBefore, newEpoch: forked || known.isOther })
}

interface Found {
  readonly facts: Fact[]
  readonly parked: Parked[]
  readonly alerts: Alert[]
}

/** A problem that spoils the whole message: nothing in it can be believed line by line. */
function wholeProblem({ message, verify }: CheckInput, chain: Chain): string | undefined {
  const { header, lines } = message
  const isSkipped = header.skipped === true && lines.length === 0
  if (!isSkipped && !chain.isWhole) return 'chain'
  if (header.sig !== undefined && !verify(header.epoch, header.to, header.head, header.sig)) return 'signature'
  return isSkipped ? 'skipped-by-gate' : undefined
}

/** Protocol §4: so large a batch is signed. Its lines are facts all the same, and a signature that comes later covers them. */
function lacksSignature({ header, lines }: JournalMessage): boolean {
  return header.sig === undefined && lines.length >= LIMITS.signFromEntries
}

/** Lines under numbers that are taken: the same again, or something else. */
function judgeHeld({ message, state, held }: CheckInput, chain: Chain, whole: string | undefined) {
  const { from, to } = message.header
  const conflicts: Parked[] = []
  const parkedBefore: number[] = []
  let isOther = false
  for (let seq = from; seq <= to; seq += 1) {
    const there = held.get(seq)
    if (!there || !isHeld(state, seq)) continue
    const digest = digestOfHash(chain.hashes[seq - from + 1] as Uint8Array)
    const isSame = there.digest === digest
    if (there.parked && (isSame || whole)) parkedBefore.push(seq)
    if (isSame || whole) continue
    isOther = true
    conflicts.push({ seq, raw: message.lines[seq - from] ?? '', reason: 'conflict', digest })
  }
  return { conflicts, parkedBefore, isOther }
}

function forksFrom(state: EpochState, part: Range, prev: string): boolean {
  const below = knownHash(state, part.from - 1)
  return below !== undefined && below !== prev
}

function breaksInto(state: EpochState, part: Range, head: string): boolean {
  return state.runs.some((run) => run.from === part.to + 1 && run.prev !== head)
}

/** h(seq) as this message has it; the header's own word where its lines do not lead there. */
function hashAt({ message }: CheckInput, chain: Chain, seq: number): string {
  const { from, to, head } = message.header
  if (seq === to) return head
  return toHex(chain.hashes[seq - from + 1] ?? fromHex(head))
}

function take(input: CheckInput, chain: Chain, part: Range, reason: string | undefined, found: Found): void {
  const { header, lines } = input.message
  const before = found.parked.length
  for (let seq = part.from; seq <= part.to; seq += 1) {
    const index = seq - header.from
    const raw = lines[index] ?? ''
    const digest = digestOfHash(chain.hashes[index + 1] as Uint8Array)
    const line = reason ? undefined : parseJournalLine(raw)
    if (line?.ok && line.value.seq === seq) {
      found.facts.push({ seq, line: line.value, digest, flags: flagsOf(line.value, input) })
    } else {
      found.parked.push({ seq, raw, digest, reason: reason ?? (line && !line.ok ? line.code : 'wrong-seq') })
    }
  }
  const count = found.parked.length - before
  if (count > 0) alert(found, alertFor(reason), part.from, count)
}

function alertFor(reason: string | undefined): Alert['what'] {
  const named = ['fork', 'chain', 'signature', 'skipped-by-gate'] as const
  return named.find((what) => what === reason) ?? 'schema'
}

function alert({ alerts }: Found, what: Alert['what'], seq: number, count: number): void {
  alerts.push({ what, seq, count })
}

const noFlags: readonly string[] = []

function flagsOf(line: JournalLine, { events, receivedAt }: CheckInput): readonly string[] {
  const isForeign = line.kind === 'decision' && !events.has(line.event)
  const isUntrusted = line.clock.trust === 'unknown'
  const isFuture = line.at > receivedAt + futureMs
  if (!isForeign && !isUntrusted && !isFuture) return noFlags
  return [
    ...(isForeign ? ['event-not-assigned'] : []),
    ...(isUntrusted ? ['clock-untrusted'] : []),
    ...(isFuture ? ['future'] : []),
  ]
}

interface Conclusion {
  readonly found: Found
  readonly ranges: Ranges
  readonly whole: string | undefined
  readonly parkedBefore: readonly number[]
  readonly newEpoch: boolean
}

function conclude(input: CheckInput, { found, ranges, whole, parkedBefore, newEpoch }: Conclusion): Checked {
  const { state, message } = input
  const { header, body } = message
  const { facts, parked, alerts } = found
  const isSigned = header.sig !== undefined && whole !== 'signature' && whole !== 'chain'
  const signedTo = isSigned ? Math.max(state.signedTo, header.to) : state.signedTo
  const isNew = facts.length > 0 || parked.length > 0
  const forked = state.forked || newEpoch
  const isChanged = isNew || signedTo !== state.signedTo || forked !== state.forked
  const unsignedSince = unsignedFrom(state, signedTo, ranges, input.receivedAt)
  const { unsignedSince: _, ...rest } = state
  return {
    facts,
    parked,
    alerts,
    parkedSeqs: [...parkedBefore, ...parked.map(({ seq }) => seq)].sort((one, other) => one - other),
    ...(isChanged ? { raw: rawLines(header, body) } : {}),
    after: isChanged
      ? { ...rest, ...ranges, signedTo, forked, ...(unsignedSince === undefined ? {} : { unsignedSince }) }
      : state,
  }
}

function unsignedFrom(state: EpochState, signedTo: number, ranges: Ranges, receivedAt: number): number | undefined {
  const highest = ranges.runs.at(-1)?.to ?? ranges.through
  if (highest <= signedTo) return undefined
  // A signature that came since covers what was unsigned before; what is unsigned now is at most as old as this message.
  return signedTo > state.signedTo ? receivedAt : (state.unsignedSince ?? receivedAt)
}

function rawLines(header: JournalMessage['header'], bytes: Uint8Array): RawLines {
  const { from, to, prev, head, sig } = header
  return { from, to, prev, head, bytes, ...(sig === undefined ? {} : { signature: sig }) }
}
