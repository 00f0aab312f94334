/**
 * Reads something at most every so often: askers in between get the last answer, askers at the same time share one reading. A failed
 * reading is not kept.
 */
import type { Clock } from '@gatehouse/runtime'

const AT_MOST = 500

export function createRefreshed<K, T>(
  clock: Clock,
  everyMs: number,
  read: (key: K) => Promise<T>,
): (key: K) => Promise<T> {
  const known = new Map<K, { value: Promise<T>; untilMs: number }>()

  return (key) => {
    const hit = known.get(key)
    if (hit && hit.untilMs > clock.monoMs()) return hit.value
    const value = read(key)
    value.catch(() => known.delete(key))
    known.delete(key)
    const oldest = known.size >= AT_MOST ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(key, { value, untilMs: clock.monoMs() + everyMs })
    return value
  }
}
