/**
 * Runs seeds one after the other, as a worker thread of the simulator or called directly. With SQLite each gate has real files in a
 * folder of its own, removed afterwards.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { uuidFrom } from '@gatehouse/testkit'
import { newSqliteDisk } from './disk.ts'
import { type RunOptions, type RunResult, runSeed } from './world.ts'

export async function runWith(seed: number, sqlite: boolean, trace?: (line: string) => void): Promise<RunResult> {
  const options: RunOptions = trace ? { trace } : {}
  if (!sqlite) return runSeed(seed, options)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sim-'))
  try {
    return await runSeed(seed, {
      ...options,
      newDisk: (gate, random) => newSqliteDisk(join(folder, gate), () => uuidFrom(random) as never),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

parentPort?.on('message', (seed: number) => {
  const { sqlite } = workerData as { sqlite: boolean }
  runWith(seed, sqlite).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      // Reported as a violation, so that the seed is named.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      parentPort?.postMessage({ seed, simMs: 0, decisions: 0, steps: 0, violations: [`broken: ${text}`] })
    },
  )
})
