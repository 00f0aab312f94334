/**
 * The demo's visitors: they come calmly or in a rush, show real QR pictures, wear badges that send real bytes, ask at the staff
 * table, and now and then hold up the wrong thing. From one seed the same people do the same; everything ends when told to.
 */
import type { Clock, Random } from '@gatehouse/runtime'
import { randomFrom } from '../venue/chance.ts'
import { createHands, type Hands } from './hands.ts'
import { murmur } from './murmur.ts'
import { bellOffsetsMs, calmGapMs } from './pace.ts'
import type { CrowdGate, CrowdPerson, Visit } from './people.ts'
import { createPlanner, type Planner } from './planner.ts'
import { pay, type VisitDeps } from './visit.ts'

export interface CrowdSettings {
  readonly random: Random
  readonly clock: Clock
  /** The crowd leaves the last tenth of the list alone. */
  readonly people: readonly CrowdPerson[]
  readonly gates: readonly CrowdGate[]
  /** The event's badge key, hex. */
  readonly badgeKey: string
  /** Takes one line for people to read. */
  readonly story: (line: string) => void
  /** Revokes a person's ticket in the cloud; without it nobody comes with a revoked one. */
  readonly revoke?: (person: CrowdPerson) => Promise<void>
  /** Tests put their own here. */
  readonly hands?: Hands
}

export interface RushPlan {
  readonly people: number
  /** The span of the event's time in which they come. */
  readonly minutes: number
  /** How many of the event's minutes pass in a real one. */
  readonly faster: number
}

export interface Crowd {
  /** About twelve people a minute until the signal is aborted. */
  calm(signal: AbortSignal): Promise<void>
  /** So many new people in a bell curve; resolves when the last was served or the signal is aborted. */
  rush(plan: RushPlan, signal: AbortSignal): Promise<void>
}

const CALM_PER_MINUTE = 12
const ODD_SHARE = 0.06
const TOLD_EVERY = 200

/** One of the calm day: mostly newcomers, some who step out and come back. */
function nextOfCalm(planner: Planner, draw: number): Visit | undefined {
  if (draw < ODD_SHARE) return planner.odd()
  if (draw < 0.14) return planner.leaver()
  if (draw < 0.18) return planner.returner()
  return planner.newcomer() ?? planner.returner() ?? planner.leaver()
}

/** The visits of a rush: that many newcomers with the odd ones between them; fewer when nobody is left. */
function visitsOfRush(planner: Planner, random: Random, people: number): Visit[] {
  const visits: Visit[] = []
  for (let newcomers = 0; newcomers < people; ) {
    const isOdd = random() < ODD_SHARE
    const visit = isOdd ? planner.odd() : planner.newcomer()
    if (visit) visits.push(visit)
    else if (!isOdd) return visits
    if (!isOdd) newcomers += 1
  }
  return visits
}

export function createCrowd(settings: CrowdSettings): Crowd {
  const { clock, gates, story, revoke } = settings
  const fork = () => randomFrom(Math.floor(settings.random() * 2 ** 32))
  const random = fork()
  const people = settings.people.slice(0, Math.floor(settings.people.length * 0.9))
  const planner = createPlanner({ random: fork(), people, gates, canRevoke: revoke !== undefined })
  const badgeKey = new Uint8Array(Buffer.from(settings.badgeKey, 'hex'))

  /** Runs `come` with everything it needs and the air filled, and leaves nothing behind. */
  async function amid(come: (deps: VisitDeps) => Promise<void>, signal: AbortSignal): Promise<void> {
    const hands = settings.hands ?? createHands(gates, clock)
    const deps = { hands, clock, badgeKey, tell: story, ...(revoke && { revoke }) }
    const over = new AbortController()
    const until = AbortSignal.any([signal, over.signal])
    const { bystanders } = planner
    const murmurs = gates.map((gate) =>
      murmur({ random: fork(), clock, badgeKey, bystanders, send: (line) => hands.send(gate, line) }, until),
    )
    await come(deps)
    over.abort()
    await Promise.all(murmurs)
    if (!settings.hands) hands.close()
  }

  async function calm(signal: AbortSignal): Promise<void> {
    await amid(async (deps) => {
      const visits = createVisits(deps, signal)
      while (!signal.aborted) {
        const visit = nextOfCalm(planner, random())
        if (visit) visits.begin(visit)
        await clock.sleep(calmGapMs(random, CALM_PER_MINUTE), signal)
      }
      await visits.ended()
    }, signal)
  }

  async function rush(plan: RushPlan, signal: AbortSignal): Promise<void> {
    const coming = visitsOfRush(planner, random, plan.people)
    const offsets = bellOffsetsMs(random, coming.length, (plan.minutes * 60_000) / plan.faster)
    await amid(async (deps) => {
      const visits = createVisits(deps, signal)
      const began = clock.monoMs()
      for (const [at, visit] of coming.entries()) {
        await clock.sleep(Math.max(0, began + (offsets[at] ?? 0) - clock.monoMs()), signal)
        if (signal.aborted) break
        // Thousands come: only the odd ones are told one by one.
        visits.begin(visit, isOrdinary(visit) ? () => undefined : story)
        if ((at + 1) % TOLD_EVERY === 0) story(`${at + 1} of ${coming.length} people have come to the doors`)
      }
      await visits.ended()
    }, signal)
  }

  return { calm, rush }
}

/** Visits that go on side by side. */
function createVisits(deps: VisitDeps, signal: AbortSignal) {
  const going = new Set<Promise<void>>()
  return {
    begin(visit: Visit, tell = deps.tell) {
      const paid: Promise<void> = pay({ ...deps, tell }, visit, signal).finally(() => going.delete(paid))
      going.add(paid)
    },
    ended: async () => void (await Promise.all(going)),
  }
}

const isOrdinary = ({ kind }: Visit): boolean => kind === 'ticket' || kind === 'badge' || kind === 'staff'
