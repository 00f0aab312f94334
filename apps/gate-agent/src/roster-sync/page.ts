/**
 * The wall between the network and the roster: bytes become a page only when the signature is the organization's, the body is
 * the one that was signed, and the page is about our event. Being on the right topic is not trust.
 */
import { createHash } from 'node:crypto'
import type { EventId } from '@gatehouse/domain'
import {
  decodeBulk,
  type FeedHeader,
  type PresenceLine,
  parseFeedHeader,
  parsePresenceLine,
  parseRosterLine,
  toHex,
} from '@gatehouse/protocol'
import type { RosterRow } from '../store/ports.ts'

export interface Page {
  readonly header: FeedHeader
  readonly lines: readonly string[]
}

export type ReadPage =
  | { readonly ok: true; readonly page: Page }
  | { readonly ok: false; readonly code: string; readonly detail: string }

export interface PageCheck {
  readonly event: EventId
  /** Whether this header, heard on this topic, is signed by the pinned downlink key. */
  readonly verify: (topic: string, header: object) => boolean
}

export function readPage(topic: string, bytes: Uint8Array, { event, verify }: PageCheck): ReadPage {
  const bulk = decodeBulk(bytes)
  if (!bulk.ok) return bulk
  const header = parseFeedHeader(bulk.value.header)
  if (!header.ok) return header
  if (header.value.event !== event) return refuse('GH-ROSTER-001', 'a page of another event')
  const body = toHex(createHash('sha256').update(bulk.value.body).digest())
  if (body !== header.value.body) return refuse('GH-ROSTER-002', 'the body is not the one that was signed')
  // The header as received, unknown fields and all: they are signed too.
  if (!verify(topic, bulk.value.header)) return refuse('GH-ROSTER-003', 'not signed by our organization')
  return { ok: true, page: { header: header.value, lines: bulk.value.lines } }
}

function refuse(code: string, detail: string): ReadPage {
  return { ok: false, code, detail }
}

export interface Read<Row> {
  readonly rows: readonly Row[]
  /** Lines that this program cannot read. The others count all the same: a revocation may be among them. */
  readonly unreadable: number
}

export function rosterRows(lines: readonly string[]): Read<RosterRow> {
  const rows: RosterRow[] = []
  for (const text of lines) {
    const line = parseRosterLine(text)
    if (line.ok) rows.push({ line: line.value, text })
  }
  return { rows, unreadable: lines.length - rows.length }
}

export function presenceRows(lines: readonly string[]): Read<PresenceLine> {
  const rows: PresenceLine[] = []
  for (const text of lines) {
    const line = parsePresenceLine(text)
    if (line.ok) rows.push(line.value)
  }
  return { rows, unreadable: lines.length - rows.length }
}
