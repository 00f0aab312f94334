/**
 * What can be seen of a running program from outside: its counters, its memory, whether it says it is ready. Tests compare before
 * and after.
 */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { TestVenue } from '../system/open-venue.ts'
import { eventually, states } from '../system/open-venue.ts'

export type Counters = ReadonlyMap<string, number>

/** Samples of /metrics by name with labels, as they are written there. */
export async function countersOf(http: string): Promise<Counters> {
  const answer = await fetch(`${http}/metrics`, { signal: AbortSignal.timeout(5_000) })
  const samples = new Map<string, number>()
  for (const line of (await answer.text()).split('\n')) {
    const [, name, value] = /^([a-z_]+(?:\{.*\})?) ([-+.\deE]+)$/.exec(line) ?? []
    if (name && value) samples.set(name, Number(value))
  }
  return samples
}

/** How much all samples rose whose text holds each of `parts`. */
export function risen(before: Counters, after: Counters, ...parts: readonly string[]): number {
  let sum = 0
  for (const [name, value] of after) {
    if (parts.every((part) => name.includes(part))) sum += value - (before.get(name) ?? 0)
  }
  return sum
}

/** Waits until the counters rose by at least so much; fails by naming the sample. */
export async function expectCounted(
  http: string,
  before: Counters,
  atLeast: number,
  ...parts: string[]
): Promise<void> {
  await eventually(`${parts.join(' ')} rises by ${atLeast}`, 5_000, async () => {
    return risen(before, await countersOf(http), ...parts) >= atLeast
  })
}

/** Resident memory of a process, bytes. */
export function memoryOf(pid: number): number {
  const [, kiB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kiB) * 1_024
}

/** The cloud serves, it is the same process as ever, and the gates of the venue are still connected. */
export async function expectUnharmed(venue: TestVenue): Promise<void> {
  const { http, child } = venue.cloud
  const ready = await fetch(`${http}/readyz`, { signal: AbortSignal.timeout(5_000) })
  expect(ready.status).toBe(200)
  expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toContain('cloud-server')
  await eventually('all gates connected', 10_000, async () =>
    (await states(venue)).every(({ link }) => link.state === 'up'),
  )
}
