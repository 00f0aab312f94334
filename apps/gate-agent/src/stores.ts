/**
 * What a gate remembers, opened: its journal, its roster, and the time as far as its last entry knew it. Everything else is
 * built on these. A file that was damaged has been put aside by its store; here somebody is told, and the gate goes on.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochId } from '@gatehouse/domain'
import type { Clock, Logger } from '@gatehouse/runtime'
import { createTrustedClock, type KnownTime, type TrustedClock } from './health/clock-trust.ts'
import type { JournalStore } from './store/ports.ts'
import { createSqliteJournal, type SqliteJournal } from './store/sqlite-journal.ts'
import { createSqliteRoster, type SqliteRoster } from './store/sqlite-roster.ts'

export interface Stores {
  readonly journal: SqliteJournal
  readonly roster: SqliteRoster
  readonly trusted: TrustedClock
  /** The best known time with the monotonic clock: what rooms stamp and reckon with, so that all of them agree. */
  readonly stamped: Pick<Clock, 'now' | 'monoMs'>
  /** After everything that writes has ended. */
  close(): void
}

/** Throws what the stores throw: `GH-STORE-001` (files of a newer release), `GH-STORE-002` (cannot be opened). */
export function openStores(folder: string, clock: Clock, logger: Logger): Stores {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch: newEpochId })
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  if (journal.opening.quarantined) logger.error({ ...journal.opening }, 'the journal was damaged and put aside')
  if (roster.quarantined) logger.error({ path: roster.quarantined }, 'the roster was damaged and put aside')
  const trusted = createTrustedClock(clock, lastKnownTime(journal))
  return {
    journal,
    roster,
    trusted,
    stamped: { now: () => trusted.now(), monoMs: () => clock.monoMs() },
    close() {
      journal.close()
      roster.close()
    },
  }
}

export function newEpochId(): EpochId {
  return randomUUID() as EpochId
}

/** The last entry of an earlier run that knew the time. */
function lastKnownTime(journal: JournalStore): KnownTime | undefined {
  const [last] = journal.rows(journal.epoch(), journal.lastSeq(), 1)
  if (!last) return undefined
  const { at, clock } = JSON.parse(last.line) as { at: number; clock: { trust: string } }
  return clock.trust === 'unknown' ? undefined : { at }
}
