/**
 * One agent per data folder: two would write two chains into one journal. The lock is held by the kernel on a small SQLite
 * file, so it is free again the instant its holder dies, by whatever death, and there is never a stale lock to heal.
 */
import { join } from 'node:path'
import { Failure } from '@gatehouse/runtime'
import Database from 'better-sqlite3'
import { createClosedFile } from './sqlite-file.ts'

/** How long a predecessor that is just ending is waited for. */
const WAIT_MS = 2_000

/** Returns what lets go of the lock. Throws `GH-STORE-006` when another agent holds it. */
export function lockDataFolder(folder: string): () => void {
  const path = join(folder, 'lock.sqlite')
  createClosedFile(path)
  const db = new Database(path, { timeout: WAIT_MS })
  try {
    // In this mode the lock of the first write is kept until the file is closed.
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE; PRAGMA user_version = 1; COMMIT')
  } catch (cause) {
    db.close()
    throw new Failure('GH-STORE-006', `another agent runs with the data folder ${folder}`, { cause })
  }
  return () => db.close()
}
