/**
 * The thread in which frames are looked at: unpack, read, answer, one frame after the other. It keeps the gate's own thread
 * free of milliseconds of pixel work, and a decoder that leaks, hangs or dies here takes nothing else with it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type QrImage, toGray } from './image.ts'
import { decodeImageFile } from './image-file.ts'
import { createReadWithFallback, type QrAnswer } from './read-with-fallback.ts'
import { openScriptReader, openWasmReader } from './readers.ts'
import type { RefusalCode } from './refusal.ts'

export interface QrWorkerSettings {
  readonly wasmFile: string
}

/** Exactly one of `image` (already checked) and `file`. */
export interface QrRequest {
  readonly id: number
  readonly image?: QrImage
  readonly file?: Uint8Array
}

export type QrReply = { readonly id: number } & (QrAnswer | { readonly refused: RefusalCode })

const { wasmFile } = workerData as QrWorkerSettings
const read = createReadWithFallback({ first: () => openWasmReader(wasmFile), fallback: openScriptReader })

async function answer({ id, image, file }: QrRequest): Promise<QrReply> {
  const gray = file ? decodeImageFile(file) : image && ({ ok: true, value: toGray(image) } as const)
  if (!gray) return { id, refused: 'image-shape' }
  if (!gray.ok) return { id, refused: gray.code }
  try {
    return { id, ...(await read(gray.value)) }
  } catch {
    return { id, refused: 'reader-failed' }
  }
}

parentPort?.on('message', (request: QrRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply))
})
