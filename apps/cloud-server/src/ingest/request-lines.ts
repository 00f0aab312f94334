/**
 * Records that were asked for by HTTP become journal lines like those of a gate, in one epoch per gate that the cloud itself writes. So
 * they are chained, archived and counted by the same code, and a fact is a fact wherever it came from.
 */
import type { CredentialKey, EpochId, GateId, OrgId } from '@gatehouse/domain'
import { chainHash, encodeJournalLine, fromHex, type JournalEntry, type JournalLine, toHex } from '@gatehouse/protocol'
import type { RecordToWrite } from '../attendance/ports.ts'
import type { EpochState, Fact, GateBatch } from './ports.ts'

/** No gate booted and nobody waited: that is how the statistics know a request. */
const NO_BOOT = '00000000-0000-0000-0000-000000000000'
/** A request names a participant, not what was presented. */
const NO_CREDENTIAL = '0'.repeat(32) as CredentialKey
const CLOUD_CLOCK = { trust: 'synced', offsetMs: 0, errorMs: 0 } as const
const VIA = { ble_auto: 'ble', qr_scan: 'qr', manual: 'manual' } as const

export function entryOf(record: RecordToWrite): JournalEntry {
  const { at, event, participant, direction, method, staff, override, location, deviceInfo } = record
  return {
    at,
    monoMs: 0,
    boot: NO_BOOT,
    clock: CLOUD_CLOCK,
    kind: 'decision',
    event,
    lane: '1',
    direction,
    via: VIA[method],
    credential: NO_CREDENTIAL,
    participant,
    outcome: 'admit',
    rosterCursor: 0,
    presenceCursor: 0,
    tookUs: 0,
    offline: false,
    ...(staff === undefined ? {} : { staff }),
    ...(override === undefined ? {} : { override }),
    ...(location === undefined ? {} : { location }),
    ...(deviceInfo === undefined ? {} : { deviceInfo }),
  } as JournalEntry
}

export interface RequestEpoch {
  readonly org: OrgId
  readonly gate: GateId
  readonly epoch: EpochId
  readonly state: EpochState
}

/** The records as the next entries of the gate's request epoch. There is nobody to sign but us, so all counts as signed. */
export function batchOf(
  { org, gate, epoch, state }: RequestEpoch,
  records: readonly RecordToWrite[],
  now: number,
): GateBatch {
  let head = fromHex(state.head) ?? new Uint8Array(32)
  const facts: Fact[] = []
  const lines: string[] = []
  for (const record of records) {
    const seq = state.through + 1 + facts.length
    const entry = entryOf(record)
    const line = encodeJournalLine(seq, entry)
    head = chainHash(head, line)
    lines.push(line)
    facts.push({ seq, line: { seq, ...entry } as JournalLine, digest: toHex(head).slice(0, 32), flags: [] })
  }
  const [from, to] = [state.through + 1, state.through + records.length]
  const after = { ...state, through: to, head: toHex(head), signedTo: to, revision: state.revision + 1 }
  const raw = {
    from,
    to,
    prev: state.head,
    head: toHex(head),
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  }
  return { org, gate, epoch, facts, parked: [], raw: [raw], before: state, after, receivedAt: now }
}
