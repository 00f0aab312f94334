/**
 * Remembers answers for a short while so that a burst of the same question asks once. Bounded: the oldest answer makes room. Only
 * what was found is remembered; a miss is asked again, so a new key works at once.
 */
import type { Clock } from '@gatehouse/runtime'

export interface Remembered<T> {
  (key: string, ask: () => Promise<T | undefined>): Promise<T | undefined>
  forget(key: string): void
}

export function createRemembered<T>(clock: Clock, { forMs, atMost }: { forMs: number; atMost: number }): Remembered<T> {
  const known = new Map<string, { value: T; until: number }>()

  async function remembered(key: string, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    const hit = known.get(key)
    if (hit && hit.until > clock.monoMs()) return hit.value
    const value = await ask()
    known.delete(key)
    if (value === undefined) return undefined
    const oldest = known.size >= atMost ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(key, { value, until: clock.monoMs() + forMs })
    return value
  }

  return Object.assign(remembered, { forget: (key: string) => void known.delete(key) })
}
