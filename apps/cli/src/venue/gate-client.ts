/**
 * Asks a running gate over its local HTTP API: holds a QR picture in front of it and hears what it decided.
 */
import { Failure } from '@gatehouse/runtime'
import { toBuffer } from 'qrcode'

/** What the gate answered; printed as it came by `gatehouse scan`. */
export interface Answer {
  readonly decision: { readonly outcome: 'admit' | 'deny' | 'ask'; readonly reason?: string; readonly rule?: string }
}

export interface GateState {
  readonly unsent: number
  readonly link: { readonly state: string }
  readonly roster: { readonly cursor: number; readonly rows: number; readonly root: string }
}

const TIMEOUT_MS = 5_000

async function asked<T>(url: string, request: RequestInit): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (cause) {
    throw new Failure('GH-SCAN-001', `the gate at ${new URL(url).origin} does not answer. Is the venue running?`, {
      cause,
    })
  }
  const text = await answer.text()
  if (!answer.ok) throw new Failure('GH-SCAN-002', `the gate answered ${answer.status}: ${text.slice(0, 300)}`)
  return JSON.parse(text) as T
}

export function scanImage(gate: string, image: Uint8Array, type: 'image/png' | 'image/jpeg'): Promise<Answer> {
  const body = new Blob([Uint8Array.from(image)])
  return asked(`${gate}/api/v1/scan`, { method: 'POST', headers: { 'content-type': type }, body })
}

/** Shows a text as the QR picture that a phone would show. */
export async function scanText(gate: string, text: string): Promise<Answer> {
  return scanImage(gate, await qrPicture(text), 'image/png')
}

export function gateState(gate: string): Promise<GateState> {
  return asked(`${gate}/api/v1/state`, {})
}

export function qrPicture(text: string): Promise<Buffer> {
  return toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: 5 })
}
