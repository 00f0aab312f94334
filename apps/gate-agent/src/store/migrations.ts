/**
 * Brings a SQLite file of the agent to the schema its code expects. Steps are numbered and go forward only, each in one
 * transaction with its number, so a crash leaves the old or the new schema; a file that a newer release wrote is refused
 * rather than guessed at.
 */
import { Failure } from '@gatehouse/runtime'
import type { Database } from 'better-sqlite3'

/** `steps[0]` brings an empty file to version 1. Throws `GH-STORE-001` for a file of a newer release. */
export function migrate(db: Database, name: string, steps: readonly string[]): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > steps.length) {
    throw new Failure(
      'GH-STORE-001',
      `the ${name} on this disk has schema ${version}, this release knows ${steps.length}: install the newer release again`,
    )
  }
  for (let step = version; step < steps.length; step += 1) applyStep(db, step + 1, steps[step] ?? '')
}

function applyStep(db: Database, version: number, sql: string): void {
  const apply = db.transaction(() => {
    db.exec(sql)
    db.pragma(`user_version = ${version}`)
  })
  apply.immediate()
}
