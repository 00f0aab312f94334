/**
 * What the gate tells the cloud about itself: every 30 s and when something changed, retained, so that whoever looks sees the
 * last word; and the last will, which the broker speaks for a gate that vanished.
 */
import { readFile, statfs } from 'node:fs/promises'
import { type FeedPosition, LIMITS, type OfflineStatus, type OnlineStatus } from '@gatehouse/protocol'
import type { Clock, NamedCheck } from '@gatehouse/runtime'
import type { ClockState } from './clock-trust.ts'

export interface StatusNeeds {
  readonly software: string
  readonly folder: string
  readonly clock: Clock
  readonly now: () => number
  readonly unsent: () => { readonly count: number; readonly bytes: number; readonly oldestAt?: number }
  readonly feeds: () => readonly FeedPosition[]
  readonly clockState: () => ClockState
  readonly checks: () => readonly NamedCheck[]
  readonly decisions: () => OnlineStatus['decisions']
  /** False when it could not be handed over; the next one follows anyway. */
  readonly publish: (status: OnlineStatus) => boolean
}

export interface StatusReport {
  /** Something a person would want to know has changed: send one soon. */
  changed(): void
  run(signal: AbortSignal): Promise<void>
}

/** Changes that come together go out together. */
const GATHER_MS = 1_000

export function createStatusReport(needs: StatusNeeds): StatusReport {
  const { clock } = needs
  const startedMs = clock.monoMs()
  let busy = process.cpuUsage()
  let busyMs = startedMs
  let wake = new AbortController()

  function cpuPct(): number {
    const used = process.cpuUsage(busy)
    const tookMs = clock.monoMs() - busyMs
    busy = process.cpuUsage()
    busyMs = clock.monoMs()
    return tookMs > 0 ? Math.round((used.user + used.system) / 10 / tookMs) : 0
  }

  async function compose(): Promise<OnlineStatus> {
    const { count, bytes, oldestAt } = needs.unsent()
    const temperature = await temperatureMilliC()
    const disk = await statfs(needs.folder)
    return {
      v: 1,
      state: 'online',
      at: needs.now(),
      software: needs.software,
      uptimeSec: Math.floor((clock.monoMs() - startedMs) / 1000),
      journal: { unsent: count, bytes, ...(oldestAt === undefined ? {} : { oldestUnsentAt: oldestAt }) },
      feeds: needs.feeds(),
      clock: needs.clockState(),
      checks: needs.checks().map((check) => sent(check, clock.now())),
      decisions: needs.decisions(),
      cpuPct: cpuPct(),
      memoryBytes: process.memoryUsage.rss(),
      diskFreeBytes: disk.bavail * disk.bsize,
      ...(temperature === undefined ? {} : { temperatureMilliC: temperature }),
    }
  }

  return {
    changed: () => wake.abort(),
    async run(signal) {
      while (!signal.aborted) {
        wake = new AbortController()
        needs.publish(await compose())
        await clock.sleep(LIMITS.statusEveryMs, AbortSignal.any([signal, wake.signal]))
        await clock.sleep(GATHER_MS, signal)
      }
    },
  }
}

/** The last will. `at` is the time of connecting: it is written before anybody knows when the gate will be gone. */
export function offlineStatus(at: number): OfflineStatus {
  return { v: 1, state: 'offline', at }
}

/** On the wire a check says how long it has been so, because the reader's clock may differ. */
function sent({ name, ok, detail, sinceMs }: NamedCheck, now: number) {
  return { name, ok, ...(detail === undefined ? {} : { detail }), sinceMs: Math.max(0, Math.round(now - sinceMs)) }
}

async function temperatureMilliC(): Promise<number | undefined> {
  const text = await readFile('/sys/class/thermal/thermal_zone0/temp', 'utf8').catch(() => '')
  const milli = Number.parseInt(text, 10)
  return Number.isSafeInteger(milli) ? milli : undefined
}
