/**
 * One program of the venue as a process of its own: started, waited for until it says that it is ready, written down so that a
 * later start can end it should this one be killed, and ended politely first and firmly after that.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '@gatehouse/runtime'
import { startOf } from './process-table.ts'

/** The line a program prints on standard output once it serves. */
export interface ReadyLine {
  readonly ready: true
  readonly http: string
  readonly mqtt?: string
  readonly pid: number
}

export interface ChildPlan {
  readonly name: string
  /** Script and its arguments, for this Node. */
  readonly args: readonly string[]
  readonly folders: { readonly logs: string; readonly run: string }
  readonly readyWithinMs: number
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly ready: ReadyLine
  /** Resolves with how it ended. */
  readonly exited: Promise<string>
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, and SIGKILL when it has not ended after `withinMs`. */
  stop(withinMs: number): Promise<void>
}

export async function startChild(plan: ChildPlan): Promise<Child> {
  // A group of its own: Ctrl-C in the terminal reaches only the venue, which then ends its programs in the right order.
  const child = spawn(process.execPath, [...plan.args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const note = join(plan.folders.run, `${plan.name}.json`)
  const log = createWriteStream(join(plan.folders.logs, `${plan.name}.log`), { flags: 'a' })
  child.stderr?.pipe(log)
  const exited = once(child, 'exit').then(([code, signal]) => {
    rmSync(note, { force: true })
    return signal ? `signal ${signal}` : `exit ${code}`
  })
  const pid = child.pid
  if (pid === undefined) throw new Failure('GH-VENUE-001', `${plan.name} could not be started`)
  writeFileSync(note, JSON.stringify({ pid, startedAt: startOf(pid) }))
  const ready = await readyLine(child, plan, exited)
  return {
    name: plan.name,
    pid,
    ready,
    exited,
    kill: (signal) => void child.kill(signal),
    stop: (withinMs) => stop(child, exited, withinMs),
  }
}

async function readyLine(child: ChildProcess, plan: ChildPlan, exited: Promise<string>): Promise<ReadyLine> {
  const said = new Promise<ReadyLine>((resolve) => {
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as ReadyLine)
    })
  })
  const log = join(plan.folders.logs, `${plan.name}.log`)
  const waiting = new AbortController()
  const late = wait(plan.readyWithinMs, `was not ready after ${plan.readyWithinMs / 1_000} s`, {
    signal: waiting.signal,
  })
  late.catch(() => undefined)
  const outcome = await Promise.race([said, exited.then((how) => `ended at start (${how})`), late])
  waiting.abort()
  if (typeof outcome !== 'string') return outcome
  child.kill('SIGKILL')
  throw new Failure('GH-VENUE-002', `${plan.name} ${outcome}; its log is ${log}`)
}

async function stop(child: ChildProcess, exited: Promise<string>, withinMs: number): Promise<void> {
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), withinMs)
  await exited
  clearTimeout(late)
}
