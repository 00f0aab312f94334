/**
 * Frames and image files in, QR texts out. The work is done by a worker thread that is replaced after a number of frames (a
 * WebAssembly heap only grows), when it hangs and when it dies; whatever goes wrong is counted and answered with undefined, so
 * that a broken frame, file or library never stops a gate. One frame is worked on at a time and few may wait.
 */
import type { Logger } from '@gatehouse/runtime'
import { IMAGE_LIMITS, type QrImage, refuseImage } from './image.ts'
import { packagedWasm } from './readers.ts'
import type { RefusalCode } from './refusal.ts'
import type { QrReply, QrRequest } from './worker.ts'
import { WorkerSeat } from './worker-seat.ts'

export interface QrDecoderOptions {
  /** Frames after which the worker is replaced; default 2,000. */
  readonly recycleAfter?: number
  /** A frame that takes longer is given up together with its worker; default 5,000. */
  readonly deadlineMs?: number
  /** Calls that may wait while one frame is worked on; more are refused as busy. Default 8. */
  readonly maxWaiting?: number
  /** Another WebAssembly file than the packaged one. */
  readonly wasmFile?: string
  readonly logger?: Pick<Logger, 'warn'>
}

/** Totals since start. `refused` counts by code what was not looked at and what was given up. */
export interface QrCounters {
  readonly frames: number
  readonly decoded: number
  readonly byFallback: number
  readonly recycled: number
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>
}

export interface QrDecoder {
  /** The text of a QR code in the frame (at most 512 characters), or undefined. Never rejects. */
  decode(image: QrImage): Promise<string | undefined>
  /** The same for the bytes of a PNG or JPEG file. Never rejects. */
  decodeFile(bytes: Uint8Array): Promise<string | undefined>
  counters(): QrCounters
  /** Ends the worker; calls still waiting are answered with undefined. */
  stop(): Promise<void>
}

export function createQrDecoder(options: QrDecoderOptions = {}): QrDecoder {
  const { recycleAfter = 2_000, deadlineMs = 5_000, maxWaiting = 8, wasmFile = packagedWasm(), logger } = options
  const seat = new WorkerSeat({ wasmFile })
  const refused: Partial<Record<RefusalCode, number>> = {}
  const totals = { frames: 0, decoded: 0, byFallback: 0, recycled: 0 }
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let stopped = false

  const refuse = (code: RefusalCode): undefined => {
    refused[code] = (refused[code] ?? 0) + 1
  }

  const settle = async (reply: QrReply): Promise<string | undefined> => {
    if ('refused' in reply) {
      if (reply.refused === 'deadline' || reply.refused === 'worker-lost')
        logger?.warn({ code: reply.refused }, 'the QR worker was replaced')
      return refuse(reply.refused)
    }
    if (reply.reader === 'zxing-library') totals.byFallback += 1
    if (reply.text !== undefined) totals.decoded += 1
    if (reply.broke || seat.served >= recycleAfter) {
      totals.recycled += 1
      await seat.vacate()
    }
    return reply.text
  }

  const ask = async (request: Omit<QrRequest, 'id'>): Promise<string | undefined> => {
    if (stopped) return refuse('stopped')
    totals.frames += 1
    return settle(await seat.ask({ id: totals.frames, ...request }, deadlineMs))
  }

  const inTurn = (request: Omit<QrRequest, 'id'>): Promise<string | undefined> => {
    if (waiting > maxWaiting) return Promise.resolve(refuse('busy'))
    waiting += 1
    const mine = turn
      .then(() => ask(request))
      .finally(() => {
        waiting -= 1
      })
    turn = mine
    return mine
  }

  return {
    decode: async (image) => {
      const refusal = refuseImage(image)
      return refusal ? refuse(refusal) : inTurn({ image })
    },
    decodeFile: async (bytes) =>
      bytes.length > IMAGE_LIMITS.maxFileBytes ? refuse('file-too-large') : inTurn({ file: bytes }),
    counters: () => ({ ...totals, refused: { ...refused } }),
    stop: async () => {
      stopped = true
      await seat.vacate()
      await turn
    },
  }
}
