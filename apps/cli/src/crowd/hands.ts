/**
 * How the crowd touches a gate, by the same ways as the real world: a picture in front of the scanner (a PNG in the watched
 * folder, or posted for the exit), packets in the air, and the staff's page.
 */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@gatehouse/runtime'
import { qrPicture } from '../venue/gate-client.ts'
import { createAir } from './air.ts'
import type { CrowdGate, CrowdPerson } from './people.ts'

/** Each resolves false when the gate could not be reached or has too much waiting; none rejects. */
export interface Hands {
  showPicture(gate: CrowdGate, text: string): Promise<boolean>
  showAtExit(gate: CrowdGate, text: string, signal: AbortSignal): Promise<boolean>
  askStaff(gate: CrowdGate, person: CrowdPerson, signal: AbortSignal): Promise<boolean>
  /** One advertisement line. */
  send(gate: CrowdGate, line: string): void
  close(): void
}

/** More unread pictures than this means that the gate is not scanning; people stop holding up their phones. */
const MAX_UNREAD = 50
const ANSWER_WITHIN_MS = 5_000

async function post(
  url: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body, signal: within })
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Gone, slow or closing: for a visitor all the same, the caller tells it.
    return false
  }
}

export function createHands(gates: readonly CrowdGate[], clock: Pick<Clock, 'monoMs'>): Hands {
  const airs = new Map(gates.map((gate) => [gate.id, createAir(gate.bleSocket, clock)]))
  let pictures = 0

  /** Written beside and renamed, so that the gate never sees half a picture. */
  async function place(folder: string, picture: Buffer): Promise<boolean> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length >= MAX_UNREAD) return false
    pictures += 1
    const name = `visitor-${process.pid}-${String(pictures).padStart(6, '0')}.png`
    await writeFile(join(folder, `.${name}.part`), picture)
    await rename(join(folder, `.${name}.part`), join(folder, name))
    return true
  }

  return {
    showPicture: async (gate, text) => place(gate.qrFolder, await qrPicture(text)).catch(() => false),
    async showAtExit(gate, text, signal) {
      return post(`${gate.http}/api/v1/scan?direction=exit`, 'image/png', new Uint8Array(await qrPicture(text)), signal)
    },
    askStaff(gate, person, signal) {
      const body = JSON.stringify({ participant: person.id, direction: 'entry', staff: 'demo-staff' })
      return post(`${gate.http}/api/v1/check-in`, 'application/json', body, signal)
    },
    send: (gate, line) => airs.get(gate.id)?.send(line),
    close() {
      for (const air of airs.values()) air.close()
    },
  }
}
