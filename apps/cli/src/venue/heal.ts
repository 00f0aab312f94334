/**
 * Makes a data folder fit for a new start, whatever ended the last one: only one venue at a time may use it, and programs that
 * a killed venue left running are ended first, so that no port, lock or database is held by a ghost.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '@gatehouse/runtime'
import { isSameProcess, type Noted, startOf } from './process-table.ts'

const GHOST_ENDS_WITHIN_MS = 4_000

function noted(path: string): Noted | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Noted
  } catch {
    return undefined
  }
}

async function endGhost(path: string, say: (text: string) => void): Promise<void> {
  const ghost = noted(path)
  if (ghost && isSameProcess(ghost)) {
    say(`ending a program that an earlier start left running (pid ${ghost.pid})`)
    process.kill(ghost.pid, 'SIGTERM')
    const deadline = Date.now() + GHOST_ENDS_WITHIN_MS
    while (isSameProcess(ghost) && Date.now() < deadline) await wait(50)
    if (isSameProcess(ghost)) process.kill(ghost.pid, 'SIGKILL')
  }
  rmSync(path, { force: true })
}

/** Empties the folder of an earlier venue. Refuses with GH-VENUE-006 when it does not look like one. */
export async function throwAway(data: string, say: (text: string) => void): Promise<void> {
  if (!existsSync(data)) return
  const names = readdirSync(data)
  if (names.length > 0 && !names.includes('run')) {
    throw new Failure(
      'GH-VENUE-006',
      `${data} was not made by a demo venue; remove it yourself or choose another --data`,
    )
  }
  const giveBack = await takeFolder(data, say)
  giveBack()
  rmSync(data, { recursive: true, force: true })
  say('threw the earlier venue away')
}

/** Takes the folder; returns how to give it back. Refuses with GH-VENUE-003 while another living venue has it. */
export async function takeFolder(data: string, say: (text: string) => void): Promise<() => void> {
  const run = join(data, 'run')
  mkdirSync(run, { recursive: true })
  const lock = join(data, 'venue.lock')
  const holder = existsSync(lock) ? noted(lock) : undefined
  if (holder && isSameProcess(holder)) {
    const way = 'Stop it there with Ctrl-C, or use another folder with --data.'
    throw new Failure('GH-VENUE-003', `a demo venue already runs in ${data} (pid ${holder.pid}). ${way}`)
  }
  writeFileSync(lock, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }))
  for (const name of readdirSync(run)) await endGhost(join(run, name), say)
  return () => rmSync(lock, { force: true })
}
