/**
 * Looks for gates whose newest entries have been without a signature for too long (protocol §4): such a gate may have lost its key, or may
 * be somebody else. The facts are held and counted all the same; somebody has to look at the gate.
 */
import { LIMITS } from '@gatehouse/protocol'
import type { Clock, Logger, Metrics } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'

export interface UnsignedTailNeeds {
  readonly connection: Connection
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface UnsignedTail {
  readonly gate: string
  readonly epoch: string
  readonly since: Date
}

/** The function to call now and then: warns of each tail that is too old, and resolves with them. */
export function createUnsignedTails({ connection, clock, logger, metrics }: UnsignedTailNeeds) {
  const unsigned = metrics.gauge(
    'gatehouse_ingest_unsigned_tails',
    'Journals whose newest entries have been unsigned for more than five minutes',
  )
  return async (): Promise<readonly UnsignedTail[]> => {
    // What came in as a request over HTTP has an epoch too, and never a signature.
    const { rows } = await connection.query<UnsignedTail>({
      text: `SELECT g.id AS gate, e.epoch, e.unsigned_since AS since FROM attendance.epochs e JOIN gates.gates g ON g.ref = e.gate_ref
        WHERE NOT e.requests AND e.unsigned_since < $1`,
      values: [new Date(clock.now() - LIMITS.unsignedTailMs)],
    })
    unsigned.set(rows.length)
    for (const row of rows) logger.warn({ ...row }, 'ingest alert: entries without a signature for too long')
    return rows
  }
}
