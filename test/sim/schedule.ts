/**
 * Virtual time: a heap of things that will happen, taken in order of time and, within one instant, in the order they were planned.
 * Between them promises settle, so that the cloud's asynchronous code runs exactly as it would, only without waiting.
 */
export interface Schedule {
  readonly now: number
  at(instant: number, run: () => void): void
  after(ms: number, run: () => void): void
  /** Runs everything up to this instant, or until `isDone` says so. */
  runUntil(instant: number, isDone?: () => boolean): Promise<void>
  readonly steps: number
}

interface Planned {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export function createSchedule(): Schedule {
  const heap: Planned[] = []
  let now = 0
  let orders = 0
  let steps = 0

  const isBefore = (one: Planned, other: Planned) =>
    one.at < other.at || (one.at === other.at && one.order < other.order)

  function push(planned: Planned): void {
    let index = heap.length
    heap.push(planned)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Planned
      if (!isBefore(planned, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = planned
  }

  function pop(): Planned {
    const top = heap[0] as Planned
    const last = heap.pop() as Planned
    if (heap.length === 0) return top
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right] as Planned, heap[left] as Planned) ? right : left
      if (!isBefore(heap[child] as Planned, last)) break
      heap[index] = heap[child] as Planned
      index = child
    }
    heap[index] = last
    return top
  }

  async function runUntil(instant: number, isDone: () => boolean = () => false): Promise<void> {
    while (heap[0] && heap[0].at <= instant && !isDone()) {
      const { at, run } = pop()
      now = at
      steps += 1
      run()
      await settled()
    }
    if (!isDone()) now = instant
  }

  return {
    get now() {
      return now
    },
    get steps() {
      return steps
    },
    at: (instant, run) => push({ at: Math.max(now, instant), order: orders++, run }),
    after: (ms, run) => push({ at: now + Math.max(0, ms), order: orders++, run }),
    runUntil,
  }
}

/** After all microtasks: promises of any depth have settled as far as they can without time passing. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
