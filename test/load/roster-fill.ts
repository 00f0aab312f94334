/**
 * First fill: a gate that knows nothing starts as a process of its own and is watched over its local API until its cursor is at the head
 * and its root is the cloud's. The raw limit is the same pages put from memory into the same kind of store: no network, no
 * cloud, nothing to verify or parse.
 */
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startChild } from '@gatehouse/cli/venue/child.ts'
import { cutLines } from '@gatehouse/cloud-server/downlink/page.ts'
import type { RosterRow } from '@gatehouse/gate-agent/store/ports.ts'
import { createSqliteRoster } from '@gatehouse/gate-agent/store/sqlite-roster.ts'
import type { RosterLine } from '@gatehouse/protocol'
import { type Stage, sets } from './roster-venue.ts'

const GATE = createRequire(import.meta.url).resolve('@gatehouse/gate-agent/main.ts')
const READY_WITHIN_MS = 30_000
const ENDS_WITHIN_MS = 8_000
const FILLED_WITHIN_MS = 300_000
/** Often enough to know the end within a few hundredths, seldom enough not to matter. */
const LOOK_EVERY_MS = 50

export interface Filled {
  /** From the gate's first word to the head with equal roots. */
  readonly tookMs: number
  /** Its data folder, with everything in it and nobody using it. */
  readonly folder: string
}

interface GateState {
  readonly roster: { readonly cursor: number; readonly rows: number; readonly root: string }
}

export async function fillGate(stage: Stage): Promise<Filled> {
  const [gate] = stage.gates
  if (!gate) throw new Error('the bench needs a gate')
  const folder = join(stage.folder, 'gate')
  await mkdir(folder, { mode: 0o700 })
  const { head, root } = await stage.head()
  const settings = sets({
    'data.dir': folder,
    handover: gate.handover,
    'http.port': 0,
    'door.driver': 'none',
    'log.level': 'warn',
  })
  const args = [...stage.nodeArgs, GATE, ...settings]
  const child = await startChild({ name: 'gate', args, folders: stage.logs, readyWithinMs: READY_WITHIN_MS })
  const startedMs = performance.now()
  try {
    for (;;) {
      const { roster } = (await (await fetch(`${child.ready.http}/api/v1/state`)).json()) as GateState
      const tookMs = performance.now() - startedMs
      if (roster.cursor === head && roster.root === root) return { tookMs, folder }
      if (tookMs > FILLED_WITHIN_MS)
        throw new Error(`the gate stands at ${roster.cursor} of ${head}, root ${roster.root}`)
      await wait(LOOK_EVERY_MS)
    }
  } finally {
    await child.stop(ENDS_WITHIN_MS)
  }
}

/** Milliseconds to apply the feed's pages, as the cloud cuts them, out of memory. */
export async function fillRaw(stage: Stage): Promise<{ readonly tookMs: number; readonly pages: number }> {
  const { rows } = await stage.database.pool.query<{ line: string }>(
    'SELECT line FROM roster.feed WHERE event = $1 ORDER BY version',
    [stage.event],
  )
  const pages = cutLines(rows.map(({ line }) => line)).map((lines) =>
    lines.map((text): RosterRow => ({ line: JSON.parse(text) as RosterLine, text })),
  )
  const { root } = await stage.head()
  const roster = createSqliteRoster({ path: join(stage.folder, 'raw.db') })
  const startedMs = performance.now()
  for (const lines of pages) {
    const from = roster.cursor('roster')
    roster.applyRoster({ from, to: from + lines.length, lines })
  }
  const isSame = roster.root() === root
  const tookMs = performance.now() - startedMs
  roster.close()
  if (!isSame) throw new Error('the pages from memory make another roster')
  return { tookMs, pages: pages.length }
}
