/**
 * Remembers the states of epochs between commits, so that a message costs no read. It may be wrong when another process serves the
 * same gate; the commit notices that by the revision, and then the entry is dropped and read anew.
 */
import type { EpochId, GateId } from '@gatehouse/domain'
import type { EpochState, IngestStore } from './ports.ts'

export interface EpochCache {
  get(gate: GateId, epoch: EpochId): Promise<EpochState>
  /** What is remembered, without asking the database. */
  peek(gate: GateId, epoch: EpochId): EpochState | undefined
  set(state: EpochState): void
  drop(gate: GateId, epoch: EpochId): void
}

export function createEpochCache(store: Pick<IngestStore, 'epoch'>, atMost: number): EpochCache {
  const states = new Map<string, EpochState>()
  const keyOf = (gate: GateId, epoch: EpochId) => `${gate} ${epoch}`

  function set(state: EpochState): void {
    const key = keyOf(state.gate, state.epoch)
    states.delete(key)
    states.set(key, state)
    const oldest = states.size > atMost ? states.keys().next().value : undefined
    if (oldest !== undefined) states.delete(oldest)
  }

  return {
    async get(gate, epoch) {
      const known = states.get(keyOf(gate, epoch))
      return known ?? (await store.epoch(gate, epoch))
    },
    peek: (gate, epoch) => states.get(keyOf(gate, epoch)),
    set,
    drop: (gate, epoch) => void states.delete(keyOf(gate, epoch)),
  }
}
