/**
 * The journals that the ingest bench sends: for each gate of a venue a chain of check-ins, cut into messages exactly as a gate cuts
 * them. The same plan gives the same bytes, in the generator and where the raw limit is measured.
 */
import type { EpochId, EventId, GateId, OrgId } from '@gatehouse/domain'
import {
  chainHash,
  encodeBulk,
  encodeJournalLine,
  GENESIS,
  type JournalEntry,
  privateKeyFromSeed,
  signHead,
  toHex,
} from '@gatehouse/protocol'
import { seededRandom } from '@gatehouse/testkit'
import { eventIdOf, gateIdOf, keyOf, personIdOf } from '../../apps/cloud-server/test/venue.ts'

export interface JournalPlan {
  readonly org: OrgId
  readonly gates: number
  readonly events: number
  readonly people: number
  readonly entriesPerGate: number
  readonly perMessage: number
  readonly lane: 'live' | 'backlog'
  /** Tells the epochs of one phase from those of another. */
  readonly phase: number
  readonly startsAt: number
  /** Between two people at one gate. */
  readonly everyMs: number
}

export interface GateMessage {
  readonly from: number
  readonly to: number
  readonly bytes: Uint8Array
}

export interface GateJournal {
  readonly org: OrgId
  readonly gate: GateId
  readonly event: EventId
  readonly epoch: EpochId
  readonly messages: readonly GateMessage[]
  readonly entries: number
  /** h(last), hex. */
  readonly head: string
}

/** The journal key of gate n: a seed of one repeated byte pair, for benches only. */
export function benchKey(gate: number) {
  return privateKeyFromSeed(Buffer.alloc(32, `g${gate}`))
}

const BOOT = '01990000-0000-7000-8000-00000000b007'
const clock = { trust: 'synced', offsetMs: 3, errorMs: 12 } as const
const SIGN_FROM = 100

export function journalOf(plan: JournalPlan, gate: number): GateJournal {
  const random = seededRandom(plan.phase * 100_003 + gate)
  const event = eventIdOf(gate % plan.events)
  const epoch =
    `0d${plan.phase.toString(16).padStart(6, '0')}-0000-7000-8000-${gate.toString(16).padStart(12, '0')}` as EpochId
  const crowd = Math.floor(plan.people / plan.events)
  const messages: GateMessage[] = []
  let head: Uint8Array = GENESIS
  let lines: string[] = []
  let prev = toHex(head)
  for (let seq = 1; seq <= plan.entriesPerGate; seq += 1) {
    const person = random.int(crowd) * plan.events + (gate % plan.events)
    const at = plan.startsAt + seq * plan.everyMs + random.int(plan.everyMs)
    const line = encodeJournalLine(seq, entryFor(event, person, at, random))
    head = chainHash(head, line)
    lines.push(line)
    if (lines.length < plan.perMessage && seq < plan.entriesPerGate) continue
    messages.push(messageOf({ plan, gate, epoch, seq, lines, prev, head: toHex(head) }))
    prev = toHex(head)
    lines = []
  }
  return {
    org: plan.org,
    gate: gateIdOf(gate),
    event,
    epoch,
    messages,
    entries: plan.entriesPerGate,
    head: toHex(head),
  }
}

function entryFor(event: EventId, person: number, at: number, random: ReturnType<typeof seededRandom>): JournalEntry {
  const dice = random.int(100)
  const outcome = dice < 94 ? 'admit' : 'deny'
  return {
    at,
    monoMs: at % 10_000_000,
    boot: BOOT,
    clock,
    kind: 'decision',
    event,
    lane: '1',
    direction: dice % 3 === 0 ? 'exit' : 'entry',
    via: dice % 2 === 0 ? 'qr' : 'ble',
    credential: keyOf(person) as never,
    participant: personIdOf(person),
    outcome,
    ...(outcome === 'deny' ? { reason: 'wrong-zone', rule: 'ADMIT-8' } : {}),
    rosterCursor: 2_000,
    presenceCursor: 1_000,
    tookUs: 1_500 + random.int(4_000),
    offline: false,
  }
}

interface Cut {
  readonly plan: JournalPlan
  readonly gate: number
  readonly epoch: EpochId
  readonly seq: number
  readonly lines: readonly string[]
  readonly prev: string
  readonly head: string
}

function messageOf({ plan, gate, epoch, seq, lines, prev, head }: Cut): GateMessage {
  const from = seq - lines.length + 1
  const isSigned = lines.length >= SIGN_FROM || from === 1
  const sig = isSigned ? { sig: signHead(benchKey(gate), epoch, seq, head) } : {}
  const header = { v: 1, epoch, from, to: seq, prev, head, lane: plan.lane, sentAt: plan.startsAt, ...sig }
  return { from, to: seq, bytes: encodeBulk(header, lines) }
}
