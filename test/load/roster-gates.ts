/**
 * The gates of the roster bench, many in one thread: each with the real cloud side (link with TLS, feed sync, uplink) and real stores of
 * its own that begin as copies of a gate's that was filled before. Every time a roster page has been applied, its cursor and the
 * instant are reported.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { EpochId } from '@gatehouse/domain'
import { createCloudSide } from '@gatehouse/gate-agent/cloud-side.ts'
import { readHandover } from '@gatehouse/gate-agent/handover.ts'
import { createTrustedClock } from '@gatehouse/gate-agent/health/clock-trust.ts'
import { createSqliteJournal } from '@gatehouse/gate-agent/store/sqlite-journal.ts'
import { createSqliteRoster } from '@gatehouse/gate-agent/store/sqlite-roster.ts'
import { createLogger, systemClock } from '@gatehouse/runtime'
import { nowMs } from './roster-clock.ts'

export interface GatesOrder {
  readonly folder: string
  /** Folder of the gate to copy. */
  readonly like: string
  readonly handovers: readonly string[]
}

export type GatesReport =
  | { readonly kind: 'up'; readonly gate: number }
  | { readonly kind: 'applied'; readonly gate: number; readonly cursor: number; readonly atMs: number }
  | { readonly kind: 'ended'; readonly roots: readonly string[] }

const order = workerData as GatesOrder
const logger = createLogger({ name: 'bench gates', level: 'error' })
const ending = new AbortController()
const report = (message: GatesReport) => parentPort?.postMessage(message)

function openGate(path: string, gate: number) {
  const folder = join(order.folder, `gate-${gate}`)
  mkdirSync(folder, { mode: 0o700 })
  copyFileSync(join(order.like, 'roster.db'), join(folder, 'roster.db'))
  const epoch = crypto.randomUUID() as EpochId
  const journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch: () => epoch })
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  const side = createCloudSide({
    handover: readHandover(path),
    journal,
    roster: {
      ...roster,
      applyRoster(page) {
        roster.applyRoster(page)
        report({ kind: 'applied', gate, cursor: page.to, atMs: nowMs() })
      },
    },
    clock: systemClock,
    trusted: createTrustedClock(systemClock),
    random: Math.random,
    logger,
    about: { software: 'bench', protocol: [1], boot: crypto.randomUUID() },
    newEpochId: () => epoch,
    config: {},
    onUplinkNote: (note) => logger.error({ ...note }, 'uplink'),
    onFeedNote: (note) => note.what !== 'applied' && logger.error({ gate, ...note }, 'feed'),
    onLinkChange: () => side.link.state().state === 'up' && report({ kind: 'up', gate }),
    refused: (reason) => logger.error({ reason }, 'refused'),
    turned: () => undefined,
  })
  const running = Promise.all([side.link.run(ending.signal), side.run(ending.signal)])
  return {
    async end() {
      await running
      const root = roster.root()
      journal.close()
      roster.close()
      return root
    },
  }
}

const gates = order.handovers.map(openGate)
parentPort?.once('message', () => void end())

async function end(): Promise<void> {
  ending.abort()
  report({ kind: 'ended', roots: await Promise.all(gates.map((gate) => gate.end())) })
  parentPort?.close()
}
