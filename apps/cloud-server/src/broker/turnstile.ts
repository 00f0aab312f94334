/**
 * Lets large messages into ingest only while there is room, in the order in which they came. Whoever waits here holds up nobody but
 * its own connection, whose gate then stops sending: the queue of a fleet that catches up lies in the sockets, and live check-ins, which
 * do not wait here, find ingest nearly empty. What waits is bounded in bytes and in time; beyond either the message is given up,
 * and the gate sends it again.
 */
import { type Clock, Failure } from '@gatehouse/runtime'

export interface TurnstileSettings {
  readonly hasRoom: () => boolean
  readonly bytesAtMost: number
  readonly waitAtMostMs: number
  readonly clock: Clock
}

export interface Turnstile {
  /** Runs `work` when there is room; rejects with `Failure` GH-BROKER-020 when it had to give up before. */
  pass(bytes: number, work: () => Promise<void>): Promise<void>
  readonly waiting: number
}

interface Waiter {
  readonly bytes: number
  readonly sinceMs: number
  readonly go: () => void
  readonly giveUp: () => void
}

export function createTurnstile({ hasRoom, bytesAtMost, waitAtMostMs, clock }: TurnstileSettings): Turnstile {
  const queue: Waiter[] = []
  let bytesWaiting = 0
  let stopLooking: (() => void) | undefined

  function take(): Waiter | undefined {
    const waiter = queue.shift()
    if (waiter) bytesWaiting -= waiter.bytes
    return waiter
  }

  function look(): void {
    while (queue[0] && clock.monoMs() - queue[0].sinceMs > waitAtMostMs) take()?.giveUp()
    while (queue.length > 0 && hasRoom()) take()?.go()
    if (queue.length === 0) {
      stopLooking?.()
      stopLooking = undefined
    } else stopLooking ??= clock.every(100, look)
  }

  /** Starts the work in this very turn, so that whoever asks for room next sees it taken. */
  function start(work: () => Promise<void>): Promise<void> {
    return work().finally(look)
  }

  return {
    pass(bytes, work) {
      if (queue.length === 0 && hasRoom()) return start(work)
      const behind = () => new Failure('GH-BROKER-020', 'too much is waiting for ingest', { waitingHelps: true })
      if (bytesWaiting + bytes > bytesAtMost) return Promise.reject(behind())
      return new Promise((resolve, reject) => {
        bytesWaiting += bytes
        const go = () => void start(work).then(resolve, reject)
        queue.push({ bytes, sinceMs: clock.monoMs(), go, giveUp: () => reject(behind()) })
        look()
      })
    },
    get waiting() {
      return queue.length
    },
  }
}
