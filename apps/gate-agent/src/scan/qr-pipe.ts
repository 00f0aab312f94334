/**
 * Codes seen by a camera whose program writes raw gray frames into a FIFO, one after another. While one frame is being read
 * only the newest waits: a person is answered for what they show now. A writer that comes and goes, or dies in the middle of
 * a frame, costs that frame only.
 */
import { execFile } from 'node:child_process'
import { constants, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { createLatestFrame } from '@gatehouse/drivers'
import { type Clock, Failure, untilAborted } from '@gatehouse/runtime'
import { createHold } from './hold.ts'

export interface QrPipeSettings {
  readonly path: string
  readonly width: number
  readonly height: number
  readonly holdMs: number
  readonly decode: (frame: Frame) => Promise<string | undefined>
  readonly onText: (text: string) => void
  readonly clock: Clock
}

interface Frame {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  readonly format: 'gray8'
}

/** A frame that stands unfinished for so long will not be finished. */
const STALE_MS = 500

export async function watchQrPipe(settings: QrPipeSettings, signal: AbortSignal): Promise<void> {
  const { clock } = settings
  const hold = createHold({ holdMs: settings.holdMs })
  const frames = createLatestFrame<Frame>({
    async work(frame) {
      const text = await settings.decode(frame)
      if (text !== undefined && hold.isNew(text, clock.monoMs())) settings.onText(text)
    },
  })
  const assemble = createFrameAssembly(settings, (frame) => frames.offer(frame))
  const pipe = await openPipe(settings.path)
  await new Promise<void>((resolve, reject) => {
    void untilAborted(signal).then(resolve)
    pipe.on('data', (chunk: Buffer) => assemble(chunk, clock.monoMs()))
    pipe.on('error', (cause) => reject(unusable(settings.path, cause)))
    pipe.on('close', () => resolve())
  }).finally(() => pipe.destroy())
}

/** Cuts a byte stream into frames. Exported for its tests. */
export function createFrameAssembly(
  { width, height }: { readonly width: number; readonly height: number },
  offer: (frame: Frame) => void,
): (chunk: Uint8Array, monoMs: number) => void {
  let data = new Uint8Array(width * height)
  let filled = 0
  let lastMs = Number.NEGATIVE_INFINITY
  return (chunk, monoMs) => {
    // Whoever wrote the beginning is gone; what comes now begins a frame of somebody else.
    if (filled > 0 && monoMs - lastMs > STALE_MS) filled = 0
    lastMs = monoMs
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + data.length - filled)
      data.set(part, filled)
      filled += part.length
      from += part.length
      if (filled < data.length) return
      offer({ data, width, height, format: 'gray8' })
      data = new Uint8Array(width * height)
      filled = 0
    }
  }
}

/** Opened for writing too, so that it does not end when a writer leaves, and without blocking, so that none is waited for. */
async function openPipe(path: string): Promise<Socket> {
  try {
    const found = (await existing(path)) ?? (await made(path))
    if (!found.isFIFO()) throw new Error('there is something else at this path')
    const handle = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
    const socket = new Socket({ fd: handle.fd, readable: true, writable: false })
    socket.on('close', () => void handle.close().catch(() => undefined))
    return socket
  } catch (cause) {
    throw unusable(path, cause)
  }
}

function existing(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}

async function made(path: string): Promise<Stats> {
  await promisify(execFile)('mkfifo', ['-m', '600', path])
  return stat(path)
}

function unusable(path: string, cause: unknown): Failure {
  return new Failure('GH-SCAN-002', `the camera pipe ${path} cannot be read`, { cause, waitingHelps: true })
}
