/**
 * Builds journal messages as a gate would, and hands out every part so that a test can damage one of them. Each journal has an epoch
 * of its own, so that what one test breaks does not meet the next.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import {
  chainHash,
  encodeBulk,
  encodeJournalLine,
  fromHex,
  type JournalEntry,
  type JournalHeader,
  signHead,
  toHex,
} from '@gatehouse/protocol'
import type { RogueGate } from './rogue-gate.ts'

export interface Message {
  readonly header: JournalHeader
  readonly lines: readonly string[]
}

export interface Journal {
  readonly epoch: string
  /** The next seqs as a chained message; `signed` puts a signature into its header. */
  next(entries: readonly JournalEntry[], signed?: boolean): Message
  /** The same for texts that are no entries; they are chained as they are. */
  nextLines(lines: readonly string[], signed?: boolean): Message
  /** Leaves this many numbers out. */
  skip(count: number): void
  readonly seq: number
}

export function beginJournal({ signingKey }: Pick<RogueGate, 'signingKey'>): Journal {
  const epoch = randomUUID() as JournalHeader['epoch']
  let seq = 0
  let head = '0'.repeat(64)

  function nextLines(lines: readonly string[], signed = false): Message {
    const from = seq + 1
    const prev = head
    head = toHex(lines.reduce<Uint8Array>((hash, line) => chainHash(hash, line), fromHex(prev)))
    seq += lines.length
    const sig = signed ? { sig: signHead(signingKey, epoch, seq, head) } : {}
    return { header: { v: 1, epoch, from, to: seq, prev, head, lane: 'live', sentAt: Date.now(), ...sig }, lines }
  }

  return {
    epoch,
    nextLines,
    next: (entries, signed) =>
      nextLines(
        entries.map((entry, index) => encodeJournalLine(seq + index + 1, entry)),
        signed,
      ),
    skip(count) {
      seq += count
      head = randomBytes(32).toString('hex')
    },
    get seq() {
      return seq
    },
  }
}

export function bytesOf({ header, lines }: Message): Uint8Array {
  return encodeBulk(header, lines)
}

/** As bytesOf, for what no honest sender would frame. */
export function roughBytesOf(header: object | string, lines: readonly string[]): Uint8Array {
  const first = typeof header === 'string' ? header : JSON.stringify(header)
  return Buffer.from(`${[first, ...lines].join('\n')}\n`)
}

const boot = randomUUID()

/** Somebody was let in by their ticket; `more` overrides and adds fields, right or wrong ones. */
export function admitted(event: string, participant: string, more: object = {}): JournalEntry {
  const line = {
    at: Date.now(),
    monoMs: 1_000,
    boot,
    clock: { trust: 'synced', offsetMs: 0, errorMs: 5 },
    kind: 'decision',
    event,
    lane: 'a',
    direction: 'entry',
    via: 'qr',
    credential: randomBytes(16).toString('hex'),
    participant,
    outcome: 'admit',
    rule: 'ADMIT-20',
    rosterCursor: 1,
    presenceCursor: 0,
    tookUs: 900,
    offline: false,
    ...more,
  }
  return line as unknown as JournalEntry
}

/** The gate says that its door did something. */
export function doorMoved(more: object = {}): JournalEntry {
  const line = { at: Date.now(), monoMs: 1_000, boot, clock: { trust: 'synced', offsetMs: 0, errorMs: 5 } }
  return { ...line, kind: 'door', state: 'released', ...more } as unknown as JournalEntry
}
