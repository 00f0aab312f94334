/**
 * The rules travel to the gates as one line of the feed, and a line has 4 KiB. Rules that would not fit are refused when they are
 * written, in the transaction that wrote them: later there would be nobody to tell.
 */
import type { EventId } from '@gatehouse/domain'
import { LIMITS } from '@gatehouse/protocol'
import type { Drizzle } from '../db/drizzle.ts'
import { readRules } from './rules.ts'

export class RulesTooLarge extends Error {
  readonly bytes: number

  constructor(bytes: number) {
    super(`the rules take ${bytes} bytes, at most ${LIMITS.lineBytes} reach the gates`)
    this.bytes = bytes
  }
}

/** Room for what the feed adds around the rules. */
const MARGIN_BYTES = 64

/** Throws `RulesTooLarge`, which ends the transaction. */
export async function refuseLargeRules(db: Drizzle, event: EventId): Promise<void> {
  const rules = await readRules(db, event)
  const bytes = Buffer.byteLength(JSON.stringify({ kind: 'rules', ...rules }))
  if (bytes > LIMITS.lineBytes - MARGIN_BYTES) throw new RulesTooLarge(bytes)
}
