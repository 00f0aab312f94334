/**
 * Where the running venue can be reached. The venue writes it when it is ready and removes it when it ends; other commands
 * find it by the data folder.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Failure } from '@gatehouse/runtime'
import { layOut } from './layout.ts'

export interface RunningVenue {
  readonly pid: number
  readonly cloud: string
  readonly event: string
  readonly gates: readonly { readonly id: string; readonly name: string; readonly http: string; readonly pid: number }[]
  /** Process id of the cloud server, for trying what happens when it dies. */
  readonly cloudPid: number
}

export function announce(file: string, venue: RunningVenue): () => void {
  writeFileSync(file, JSON.stringify(venue, null, 2))
  return () => rmSync(file, { force: true })
}

export function runningVenue(data: string): RunningVenue {
  try {
    return JSON.parse(readFileSync(layOut(data).runningFile, 'utf8')) as RunningVenue
  } catch (cause) {
    throw new Failure('GH-SCAN-006', `no venue runs with the data folder ${data}. Start one with: npm start`, { cause })
  }
}
