/**
 * Time that a test owns: nothing happens until `advance` says so, and then timers and sleeps come due in order, each seeing the
 * instant it was due at. A million waits cost a million heap operations and no real time.
 */
import type { Clock } from '@gatehouse/runtime'

interface Due {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

export interface VirtualClock extends Clock {
  /** Lets time pass and runs what comes due, giving promises a chance to settle in between. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock without letting time pass, as an NTP step does. */
  jump(ms: number): void
}

export function createVirtualClock(startMs: number): VirtualClock {
  let mono = 0
  let offset = startMs
  let orders = 0
  const due: Due[] = []

  function schedule(afterMs: number, run: () => void): () => void {
    const entry = { atMs: mono + Math.max(0, afterMs), order: orders++, run }
    due.push(entry)
    return () => {
      const at = due.indexOf(entry)
      if (at >= 0) due.splice(at, 1)
    }
  }

  function nextDue(untilMs: number): Due | undefined {
    let best: Due | undefined
    for (const entry of due) {
      if (entry.atMs > untilMs) continue
      if (!best || entry.atMs < best.atMs || (entry.atMs === best.atMs && entry.order < best.order)) best = entry
    }
    return best
  }

  async function advance(ms: number): Promise<void> {
    const until = mono + ms
    await settle()
    for (let next = nextDue(until); next; next = nextDue(until)) {
      due.splice(due.indexOf(next), 1)
      mono = next.atMs
      next.run()
      await settle()
    }
    mono = until
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const cancel = schedule(ms, end)
      const giveUp = () => {
        cancel()
        end()
      }
      signal?.addEventListener('abort', giveUp)
    })
  }

  function every(ms: number, work: () => void): () => void {
    let cancel = () => {}
    const turn = () => {
      cancel = schedule(ms, turn)
      work()
    }
    cancel = schedule(ms, turn)
    return () => cancel()
  }

  return { now: () => offset + mono, monoMs: () => mono, sleep, every, advance, jump: (ms) => void (offset += ms) }
}

/** Enough turns of the microtask queue for chains of a few awaits to finish. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
