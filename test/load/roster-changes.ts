/**
 * One change in the cloud, many gates: an organizer's request through the API, and for each gate the instant at which its roster, on its
 * disk, holds it. Changes come at random instants, so that the publisher's beat is met in every phase; each waits for the one
 * before.
 */
import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import mqtt from 'mqtt'
import { nowMs } from './roster-clock.ts'
import type { GatesOrder, GatesReport } from './roster-gates.ts'
import { personId, type Stage, ticketCredentialId } from './roster-venue.ts'

export interface Changed {
  /** From the request to applied, one value per gate and change. */
  readonly appliedMs: readonly number[]
  /** From the request to its answer. */
  readonly answeredMs: readonly number[]
  /** Per change, until the last gate had it. */
  readonly everywhereMs: readonly number[]
  readonly hasEqualRoots: boolean
}

const UP_WITHIN_MS = 60_000
const APPLIED_WITHIN_MS = 60_000
const PAUSE_MS = [100, 500] as const

export async function changeAndWatch(stage: Stage, like: string, changes: number, people: number): Promise<Changed> {
  const { head: before } = await stage.head()
  const gates = openGates({ folder: stage.folder, like, handovers: stage.gates.map(({ handover }) => handover) })
  const applied: number[] = []
  const answered: number[] = []
  const everywhere: number[] = []
  await gates.allUp()
  for (let n = 1; n <= changes; n += 1) {
    await wait(randomInt(...PAUSE_MS))
    const startedMs = nowMs()
    const held = gates.allAt(before + n)
    await change(stage, n, 1 + ((n * 7_919) % people))
    answered.push(nowMs() - startedMs)
    const times = (await held).map((atMs) => atMs - startedMs)
    applied.push(...times)
    everywhere.push(Math.max(...times))
  }
  const roots = await gates.end()
  const { head, root } = await stage.head()
  const hasEqualRoots = head === before + changes && roots.every((own) => own === root)
  return { appliedMs: applied, answeredMs: answered, everywhereMs: everywhere, hasEqualRoots }
}

/** A note for the staff, a person blocked, a ticket revoked, in turn. */
async function change({ client }: Stage, n: number, person: number): Promise<void> {
  const path = `/participants/${personId(person)}`
  if (n % 3 === 0) await client.post(`${path}/credentials/${ticketCredentialId(person)}/revoke`, {})
  else await client.patch(path, n % 3 === 1 ? { attention: `note ${n}` } : { status: 'blocked' })
}

function openGates(order: GatesOrder) {
  const worker = new Worker(new URL('roster-gates.ts', import.meta.url), { workerData: order })
  const count = order.handovers.length
  const up = createGathering(count, UP_WITHIN_MS, 'not all gates came up')
  const ended = Promise.withResolvers<readonly string[]>()
  let awaited: { readonly cursor: number; readonly at: ReturnType<typeof createGathering> } | undefined
  worker.on('error', (error) => {
    up.fail(error)
    awaited?.at.fail(error)
    ended.reject(error)
  })
  worker.on('message', (report: GatesReport) => {
    if (report.kind === 'up') up.take(report.gate, nowMs())
    else if (report.kind === 'ended') ended.resolve(report.roots)
    else if (awaited && report.cursor >= awaited.cursor) awaited.at.take(report.gate, report.atMs)
  })
  return {
    allUp: () => up.all,
    allAt(cursor: number) {
      awaited = { cursor, at: createGathering(count, APPLIED_WITHIN_MS, `not all gates reached ${cursor}`) }
      return awaited.at.all
    },
    end() {
      worker.postMessage('end')
      return ended.promise
    },
  }
}

/** Waits for one instant of each gate; the first one counts. */
function createGathering(count: number, withinMs: number, problem: string) {
  const times = new Map<number, number>()
  const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
  const late = setTimeout(() => reject(new Error(`${problem}: ${times.size} of ${count}`)), withinMs)
  promise.catch(() => undefined).finally(() => clearTimeout(late))
  return {
    all: promise,
    fail: reject,
    take(gate: number, atMs: number) {
      if (!times.has(gate)) times.set(gate, atMs)
      if (times.size === count) resolve([...times.values()])
    },
  }
}

/** The way to the broker and back with nothing done there: a message of an unknown name and its PUBACK, in ms. */
export async function brokerRoundTrips(stage: Stage, count: number): Promise<number[]> {
  const [gate] = stage.gates
  if (!gate) throw new Error('the bench needs a gate')
  const paper = JSON.parse(await readFile(gate.handover, 'utf8')) as Record<string, string>
  const client = await mqtt.connectAsync(paper.brokerUrl ?? '', {
    protocolVersion: 4,
    clientId: gate.id,
    username: gate.id,
    ...(paper.ca && paper.certificate && paper.privateKey
      ? { ca: paper.ca, cert: paper.certificate, key: paper.privateKey }
      : {}),
  })
  const times: number[] = []
  for (let n = 0; n < count; n += 1) {
    const startedMs = performance.now()
    await client.publishAsync(`gh/v1/${paper.org}/gates/${gate.id}/up/nothing`, 'x', { qos: 1 })
    times.push(performance.now() - startedMs)
  }
  await client.endAsync()
  return times
}
