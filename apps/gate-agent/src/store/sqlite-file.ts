/**
 * Opens the SQLite files of the agent so that only its own account can read them, and moves a damaged one out of the way.
 * A damaged file is never deleted: it is evidence, and a person may still get facts out of it.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

const COMPANIONS = ['', '-wal', '-shm'] as const

export interface FileSettings {
  readonly synchronous: 'FULL' | 'NORMAL'
  /** Page cache in KiB. */
  readonly cacheKib: number
  /** Pages in the write-ahead log after which a commit copies them back into the file. */
  readonly checkpointPages: number
}

/** SQLite gives its log and index the mode of the file itself, so it is enough to create that one closed to others. */
export function createClosedFile(path: string): void {
  // SQLite's own name for a database that is in no file.
  if (path === ':memory:') return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

export function openFile(path: string, settings: FileSettings): Database.Database {
  createClosedFile(path)
  const db = new Database(path)
  try {
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${settings.synchronous}`)
    db.pragma(`cache_size = -${settings.cacheKib}`)
    db.pragma(`wal_autocheckpoint = ${settings.checkpointPages}`)
    db.pragma('trusted_schema = OFF')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** SQLite's own words for "this file is not what I wrote". Anything else (full disk, no permission) is not damage. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

/** A statement that does not fit: the schema is not what its number says. */
export function isMisfit(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_ERROR'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Renames the file and its companions; returns the new name. The label makes it unique (an epoch id, a counter). */
export function quarantine(path: string, label: string): string {
  const aside = `${path}.damaged-${label}`
  for (const end of COMPANIONS) if (existsSync(path + end)) renameSync(path + end, aside + end)
  return aside
}
