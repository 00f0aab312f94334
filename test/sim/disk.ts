/**
 * The gate's disk: journal and roster together, as maps or as real SQLite files. A crash gives back what was durable; an image is a copy
 * from which a disk can be restored or cloned later.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochId } from '@gatehouse/domain'
import type { JournalStore, RosterStore } from '@gatehouse/gate-agent/store/ports.ts'
import { createSqliteJournal } from '@gatehouse/gate-agent/store/sqlite-journal.ts'
import { createSqliteRoster } from '@gatehouse/gate-agent/store/sqlite-roster.ts'
import { createMapJournal } from './stores/map-journal.ts'
import { createMapRoster } from './stores/map-roster.ts'

export interface Disk {
  readonly journal: JournalStore
  readonly roster: RosterStore
  /** What is there after a power cut that took the last `lost` roster transactions. This disk is gone. */
  afterCrash(lost: number): Disk
  /** A copy to begin another disk with, as often as wanted. */
  image(): () => Disk
  /** Damages the roster unseen; false when that is not possible here. */
  rot(pick: (count: number) => number): boolean
  close(): void
}

function mapDisk(journal: ReturnType<typeof createMapJournal>, roster = createMapRoster()): Disk {
  return {
    journal,
    roster,
    afterCrash: (lost) => mapDisk(createMapJournal(journal.image()), roster.survivor(lost)),
    image() {
      const kept = journal.image()
      const survivor = roster.survivor(0)
      return () => mapDisk(createMapJournal(kept), survivor.survivor(0))
    },
    rot: (pick) => roster.rot(pick),
    close: () => undefined,
  }
}

export function newMapDisk(epoch: () => EpochId): Disk {
  return mapDisk(createMapJournal({ epoch: epoch() }))
}

/** Real files below `folder`, which must be empty and is the caller's to remove. */
export function newSqliteDisk(folder: string, epoch: () => EpochId): Disk {
  let copies = 0
  const next = () => join(folder, String((copies += 1)))
  return openSqlite(next(), next, epoch)
}

const files = ['journal.db', 'journal.db-wal', 'roster.db', 'roster.db-wal'] as const

function openSqlite(folder: string, next: () => string, epoch: () => EpochId): Disk {
  mkdirSync(folder, { recursive: true })
  const journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch })
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  /** As the files lie there in this instant, log and all: that is what a power cut or a backup finds. */
  const copy = (from: string) => {
    const to = next()
    mkdirSync(to, { recursive: true })
    for (const file of files) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file))
    return to
  }
  const close = () => {
    journal.close()
    roster.close()
  }
  return {
    journal,
    roster,
    afterCrash() {
      const survivor = copy(folder)
      close()
      return openSqlite(survivor, next, epoch)
    },
    image() {
      const kept = copy(folder)
      return () => openSqlite(copy(kept), next, epoch)
    },
    rot: () => false,
    close,
  }
}
