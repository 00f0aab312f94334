/**
 * A whole evening from one seed: gates, cloud, net, visitors, an organizer who changes the roster, and disasters. After the trouble
 * everything heals, and within a minute all that happened must be in the cloud exactly once and all gates must know the same.
 */
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import { type SeededRandom, seededRandom, uuidFrom } from '@gatehouse/testkit'
import { type Agent, type AgentNeeds, startAgent } from './agent.ts'
import { checkAtRest, isAtRest } from './at-rest.ts'
import { type CloudProcess, startCloud } from './cloud-process.ts'
import { type Crowd, createCrowd } from './crowd.ts'
import { type Disk, newMapDisk } from './disk.ts'
import type { Mutations } from './mutations.ts'
import { createNet, type Net } from './net.ts'
import { drawPlan, type Plan } from './plan.ts'
import { createSchedule, type Schedule } from './schedule.ts'
import { cheapSeals, realSeals, type Seals } from './seals.ts'
import { createMapCloud, type MapCloud } from './stores/map-cloud.ts'
import { plotTrouble } from './trouble.ts'
import { createTruth, type Truth } from './truth.ts'
import { createWatch, type Watch } from './watch.ts'

export interface RunOptions {
  readonly mutations?: Mutations
  readonly newDisk?: (gate: GateId, random: SeededRandom) => Disk
  readonly trace?: (line: string) => void
  /** Replaces parts of what the seed draws, for a test that is about one thing. */
  readonly plan?: Partial<Plan>
}

export interface RunResult {
  readonly seed: number
  readonly simMs: number
  readonly decisions: number
  readonly steps: number
  readonly violations: readonly string[]
}

export interface World {
  readonly org: OrgId
  readonly event: EventId
  readonly plan: Plan
  readonly random: SeededRandom
  readonly schedule: Schedule
  readonly net: Net
  readonly database: MapCloud
  readonly truth: Truth
  readonly watch: Watch
  readonly crowd: Crowd
  readonly mutations: Mutations
  readonly agents: Map<GateId, Agent>
  readonly clones: Set<Agent>
  readonly clouds: CloudProcess[]
  /** True until the trouble ends; whoever plans the next disaster asks first. */
  isTrouble: boolean
  isDatabaseUp: boolean
  allAgents(): readonly Agent[]
  start(gate: GateId, disk: Disk, lineage: number, offsetMs: number): Agent
  startClone(original: Agent, disk: Disk): Agent
  startCloud(): CloudProcess
  /** Crashes this agent now and starts it again after a while on what is left. */
  crashAgent(agent: Agent, downMs: number, disk?: (left: Disk) => Disk): void
  trace(line: string): void
}

/** Everything heals at the end of the trouble; then so long is allowed (I13). */
const restWithinMs = 60_000
/** Finding the line that makes the broker hang up takes some reconnections. */
const restWithPoisonMs = 180_000

export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const world = createWorld(seed, options)
  plotTrouble(world)
  await world.schedule.runUntil(world.plan.troubleMs, () => hasViolations(world))
  await heal(world)
  const within = world.plan.poison ? restWithPoisonMs : restWithinMs
  const until = world.schedule.now + within
  while (world.schedule.now < until && !hasViolations(world) && !isAtRest(world)) {
    await world.schedule.runUntil(Math.min(until, world.schedule.now + 500))
  }
  if (!hasViolations(world)) checkAtRest(world)
  for (const agent of world.allAgents()) agent.disk.close()
  const { truth, schedule, database } = world
  return {
    seed,
    simMs: schedule.now,
    decisions: database.stats.decisions,
    steps: schedule.steps,
    violations: truth.violations,
  }
}

function hasViolations({ truth }: World): boolean {
  return truth.violations.length > 0
}

function createWorld(seed: number, options: RunOptions): World {
  const random = seededRandom(seed)
  const plan = { ...drawPlan(random.fork()), ...options.plan }
  const schedule = createSchedule()
  const org = uuidFrom(random) as OrgId
  const event = uuidFrom(random) as EventId
  const bare = createMapCloud(org, event)
  const database = options.mutations?.database?.(bare) ?? bare
  const truth = createTruth(() => schedule.now)
  const net = createNet(schedule, random.fork(), plan)
  const seals: Seals = plan.realSignatures ? realSeals() : cheapSeals
  const mutations = options.mutations ?? {}
  const trace = (line: string) => options.trace?.(`${(schedule.now / 1000).toFixed(3).padStart(9)} ${line}`)

  const world: World = {
    org,
    event,
    plan,
    random,
    schedule,
    net,
    database,
    truth,
    mutations,
    agents: new Map(),
    clones: new Set(),
    clouds: [],
    isTrouble: true,
    isDatabaseUp: true,
    crowd: undefined as unknown as Crowd,
    watch: undefined as unknown as Watch,
    allAgents: () => [...world.agents.values(), ...world.clones],
    start,
    startClone,
    startCloud: startCloudProcess,
    crashAgent,
    trace,
  }
  Object.assign(world, { watch: createWatch(world) })
  Object.assign(world, { crowd: createCrowd(world) })

  const agentNeeds = (gate: GateId): AgentNeeds => ({
    org,
    event,
    gate,
    schedule,
    random: random.fork(),
    net,
    plan,
    seals,
    mutations,
    findCloud() {
      const up = world.clouds.filter((cloud) => cloud.isUp)
      return up.length > 0 ? random.pick(up) : undefined
    },
    onUplinkNote: (agent, note) => world.watch.uplinkNote(agent, note),
    onPage: (agent, header) => world.watch.page(agent, header),
    onSpin: (agent) => truth.violate('I13', `gate ${agent.gate.slice(0, 4)} spins without sending anything`),
  })

  function start(gate: GateId, disk: Disk, lineage: number, offsetMs: number): Agent {
    const agent = startAgent(agentNeeds(gate), disk, lineage, offsetMs)
    world.agents.set(gate, agent)
    trace(`gate ${gate.slice(0, 4)} starts, epoch ${disk.journal.epoch().slice(0, 4)} at ${disk.journal.lastSeq()}`)
    return agent
  }

  function startClone(original: Agent, disk: Disk): Agent {
    const clone = startAgent(agentNeeds(original.gate), disk, original.lineage + 1000, original.offsetMs)
    world.clones.add(clone)
    return clone
  }

  function startCloudProcess(): CloudProcess {
    const cloud = startCloud({
      org,
      database,
      schedule,
      random: random.fork(),
      plan,
      seals,
      mutations,
      isDatabaseUp: () => world.isDatabaseUp,
      toGate(gate, topic, payload) {
        for (const agent of world.allAgents()) if (agent.gate === gate) net.down(agent, topic, payload)
      },
      toAll(topic, payload) {
        for (const agent of world.allAgents()) net.down(agent, topic, payload)
      },
      onAck: (gate, ack) => world.watch.ack(gate, ack),
    })
    world.clouds.push(cloud)
    return cloud
  }

  function crashAgent(agent: Agent, downMs: number, disk: (left: Disk) => Disk = (left) => left): void {
    if (agent.isDead) return
    trace(`gate ${agent.gate.slice(0, 4)} dies`)
    const left = agent.crash()
    if (world.clones.delete(agent)) {
      world.watch.cloneGone(agent)
      return left.close()
    }
    schedule.after(downMs, () => {
      const next = disk(left)
      start(agent.gate, next, next === left ? agent.lineage : agent.lineage + 1, agent.offsetMs)
    })
  }

  const newDisk =
    options.newDisk ?? ((_gate: GateId, chance: SeededRandom) => newMapDisk(() => uuidFrom(chance) as never))
  for (let index = 0; index < plan.clouds; index += 1) startCloudProcess()
  world.crowd.openDoors()
  for (let index = 0; index < plan.gates; index += 1) {
    const gate = uuidFrom(random) as GateId
    if (plan.startsOffline) net.cut(gate, 20_000)
    start(gate, newDisk(gate, random.fork()), 0, Math.round((random() - 0.5) * 2 * plan.skewMs))
  }
  return world
}

/** The trouble ends: links and processes come back, the clone is taken away. */
async function heal(world: World): Promise<void> {
  world.trace('the trouble ends')
  world.isTrouble = false
  world.isDatabaseUp = true
  world.net.heal()
  for (const clone of world.clones) world.crashAgent(clone, 0)
  for (const agent of world.agents.values()) agent.crashInAppend = undefined
  if (!world.clouds.some((cloud) => cloud.isUp)) world.startCloud()
  // Gates that lie dead in this moment are on their way back; so long they take at most.
  await world.schedule.runUntil(world.schedule.now + 5_000, () => hasViolations(world))
}
