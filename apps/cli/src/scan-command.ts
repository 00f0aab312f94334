/**
 * `gatehouse scan <picture>`: shows a ticket's picture to a gate of the running demo venue and prints the decision as JSON, so
 * that one can try by hand what a camera would see.
 */
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { Failure } from '@gatehouse/runtime'
import { scanImage } from './venue/gate-client.ts'
import { runningVenue } from './venue/running.ts'

const types: Record<string, 'image/png' | 'image/jpeg'> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
}

export async function scan(picture: string, options: { data: string; gate: number }): Promise<void> {
  const type = types[extname(picture).toLowerCase()]
  if (!type) throw new Failure('GH-SCAN-003', `${picture} is not a .png or .jpg picture`)
  const gates = runningVenue(options.data).gates
  const gate = gates[options.gate - 1]
  if (!gate)
    throw new Failure('GH-SCAN-004', `there is no gate ${options.gate}; the venue has gates 1 to ${gates.length}`)
  const answer = await scanImage(gate.http, read(picture), type)
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
}

function read(picture: string): Uint8Array {
  try {
    return readFileSync(picture)
  } catch (cause) {
    throw new Failure('GH-SCAN-005', `${picture} cannot be read`, { cause })
  }
}
