/** The public keys of journals, remembered for half a minute: a gate that is handed over again gets a new one. */
import type { GateId } from '@gatehouse/domain'
import { publicKeyFromRaw, verifyHead } from '@gatehouse/protocol'
import type { Clock } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'
import type { Verify } from '../ingest/needs.ts'

const KEY_FOR_MS = 30_000

/** Undefined: the gate has no key, and nothing it signs can be verified. */
export function createJournalKeys(connection: Connection, clock: Clock): (gate: GateId) => Promise<Verify | undefined> {
  const known = new Map<GateId, { readonly verify: Verify | undefined; readonly readAtMs: number }>()
  return async (gate) => {
    const held = known.get(gate)
    if (held && clock.monoMs() - held.readAtMs < KEY_FOR_MS) return held.verify
    const { rows } = await connection.query<{ signing_key: Buffer | null }>({
      name: 'signing-key',
      text: 'SELECT signing_key FROM gates.gates WHERE id = $1',
      values: [gate],
    })
    const raw = rows[0]?.signing_key
    const key = raw ? publicKeyFromRaw(raw) : undefined
    const verify: Verify | undefined = key && ((epoch, to, head, sig) => verifyHead(key, epoch, to, head, sig))
    known.set(gate, { verify, readAtMs: clock.monoMs() })
    return verify
  }
}
