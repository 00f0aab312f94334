/**
 * The chair of one worker thread: seats one when there is work, hands it one frame at a time and empties the chair when the
 * thread hangs, dies or has served long enough. Whoever waits for an answer always gets one.
 */
import { Worker } from 'node:worker_threads'
import type { QrReply, QrRequest, QrWorkerSettings } from './worker.ts'

export class WorkerSeat {
  readonly #settings: QrWorkerSettings
  #worker: Worker | undefined
  #answer: ((reply: QrReply) => void) | undefined
  #served = 0

  constructor(settings: QrWorkerSettings) {
    this.#settings = settings
  }

  /** Requests handed to the present worker. */
  get served(): number {
    return this.#served
  }

  /** Resolves with the worker's reply, or with a refusal when it dies or takes longer than the deadline. Never rejects. */
  async ask(request: QrRequest, deadlineMs: number): Promise<QrReply> {
    const worker = (this.#worker ??= this.#seat())
    this.#served += 1
    let deadline: NodeJS.Timeout | undefined
    const reply = await new Promise<QrReply>((resolve) => {
      this.#answer = resolve
      deadline = setTimeout(() => resolve({ id: request.id, refused: 'deadline' }), deadlineMs)
      worker.postMessage(request)
    })
    clearTimeout(deadline)
    this.#answer = undefined
    if ('refused' in reply && reply.refused === 'deadline') await this.vacate()
    return reply
  }

  /** Ends the worker, whose request in hand is refused; the next request seats a new one. */
  async vacate(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    this.#served = 0
    await worker?.terminate()
    this.#answer?.({ id: 0, refused: 'stopped' })
  }

  #seat(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: this.#settings })
    // Only a frame being worked on (its deadline) keeps the process alive, never an idle worker.
    worker.unref()
    worker.on('message', (reply: QrReply) => {
      if (this.#worker === worker) this.#answer?.(reply)
    })
    worker.on('error', () => this.#lose(worker))
    worker.on('exit', () => this.#lose(worker))
    return worker
  }

  /** A dying thread reports twice ("error", then "exit"); by the second report another one may be in the chair. */
  #lose(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#served = 0
    this.#answer?.({ id: 0, refused: 'worker-lost' })
  }
}
