/**
 * Keeps a camera from queueing: while one frame is being worked on, only the newest of those that arrive is kept. A person in
 * front of the lens is answered for what they show now, and memory stays at two frames however slow the decoder is.
 */
export interface LatestFrame<Frame> {
  /** Takes the frame, possibly instead of one that was still waiting. Never blocks. */
  offer(frame: Frame): void
  /** Resolves when nothing is being worked on and nothing waits. */
  idle(): Promise<void>
  /** How many frames gave way to a newer one. */
  readonly skipped: number
}

/** `work` must not reject; what it does with a frame is its own business. */
export function createLatestFrame<Frame>({ work }: { work: (frame: Frame) => Promise<void> }): LatestFrame<Frame> {
  let waiting: { frame: Frame } | undefined
  let turning: Promise<void> | undefined
  let skipped = 0
  const turn = async () => {
    while (waiting) {
      const { frame } = waiting
      waiting = undefined
      await work(frame)
    }
    turning = undefined
  }
  return {
    offer(frame) {
      if (waiting) skipped += 1
      waiting = { frame }
      turning ??= turn()
    },
    idle: async () => {
      await turning
    },
    get skipped() {
      return skipped
    },
  }
}
