/**
 * What gates say about themselves, kept in their rows: connected or not, last status, last reported configuration. Only the latest word
 * of each gate matters, so words are collected and written together, at most twice a second.
 */
import type { GateId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'

interface Word {
  online?: boolean
  status?: string
  reported?: string
  seenAt: number
}

export interface GateState {
  online(gate: GateId, isOnline: boolean): void
  /** JSON text written from the parsed message, never the gate's own: it may hold numbers that no database takes. */
  status(gate: GateId, json: string): void
  reported(gate: GateId, json: string): void
  flush(): Promise<void>
  run(signal: AbortSignal): Promise<void>
}

const FLUSH_MS = 500

export function createGateState({ connection, clock }: { connection: Connection; clock: Clock }): GateState {
  let words = new Map<GateId, Word>()

  function wordOf(gate: GateId): Word {
    const word = words.get(gate) ?? { seenAt: 0 }
    word.seenAt = clock.now()
    words.set(gate, word)
    return word
  }

  async function flush(): Promise<void> {
    if (words.size === 0) return
    const said = [...words].sort(([a], [b]) => (a < b ? -1 : 1))
    words = new Map()
    try {
      await write(said)
    } catch (error) {
      // Who is connected is said once: keep it until the database is there again. What was said since goes first.
      for (const [gate, word] of said) words.set(gate, { ...word, ...words.get(gate) })
      throw error
    }
  }

  async function write(said: readonly (readonly [GateId, Word])[]): Promise<void> {
    await connection.query({
      name: 'gate-state',
      text: `UPDATE gates.gates g SET last_seen_at = w.seen_at, online = coalesce(w.online, g.online),
          online_changed_at = CASE WHEN w.online IS DISTINCT FROM g.online AND w.online IS NOT NULL THEN w.seen_at ELSE g.online_changed_at END,
          last_status = coalesce(w.status, g.last_status), last_reported = coalesce(w.reported, g.last_reported)
        FROM unnest($1::uuid[], $2::boolean[], $3::jsonb[], $4::jsonb[], $5::timestamptz[]) AS w (gate, online, status, reported, seen_at)
        WHERE g.id = w.gate`,
      values: [
        said.map(([gate]) => gate),
        said.map(([, word]) => word.online ?? null),
        said.map(([, word]) => word.status ?? null),
        said.map(([, word]) => word.reported ?? null),
        said.map(([, word]) => new Date(word.seenAt)),
      ],
    })
  }

  return {
    online(gate, isOnline) {
      wordOf(gate).online = isOnline
    },
    status(gate, json) {
      wordOf(gate).status = json
    },
    reported(gate, json) {
      wordOf(gate).reported = json
    },
    flush,
    async run(signal) {
      // Nobody is connected to a process that just started; a gate that is will say so within its keepalive.
      while (!signal.aborted) {
        await flush()
        await clock.sleep(FLUSH_MS, signal)
      }
    },
  }
}
