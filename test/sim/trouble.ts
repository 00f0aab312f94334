/**
 * The disasters of a run: cuts, crashes, outages, lost and cloned disks, damaged rows, poisonous and unreadable lines, clocks that
 * jump. Each plans its next coming itself until the trouble ends.
 */
import type { GateId } from '@gatehouse/domain'
import type { Agent } from './agent.ts'
import type { Disk } from './disk.ts'
import { noticedAfterMs, poisonMark } from './net.ts'
import { orPowerCut } from './power-cut.ts'
import type { World } from './world.ts'

export function plotTrouble(world: World): void {
  const { plan } = world
  every(world, plan.net.cutEveryMs / plan.gates, () => cutLink(world))
  every(world, plan.gateCrashEveryMs / plan.gates, () => crashGate(world))
  every(world, plan.cloudCrashEveryMs, () => crashCloud(world))
  every(world, plan.database.outageEveryMs, () => outage(world))
  every(world, plan.rot ? 15_000 : 0, () => someAgent(world)?.disk.rot((count) => world.random.int(Math.max(1, count))))
  every(world, plan.clockJumps ? 20_000 : 0, () => jump(world))
  every(world, plan.unreadable ? 15_000 : 0, () => badLine(world, ''))
  every(world, plan.horizonMoves ? 20_000 : 0, () =>
    world.database.moveHorizon('roster', world.database.head('roster')),
  )
  if (plan.poison) once(world, () => badLine(world, poisonMark))
  // One lost disk per gate and run: after a second one of the same image nobody could tell facts apart any more.
  const victim = world.random.pick([...world.agents.keys()])
  if (plan.restores) once(world, () => imageAndRestore(world, victim))
  else if (plan.clones) once(world, () => clone(world, victim))
}

/** Again and again, at intervals around `meanMs`; 0 is never. */
function every(world: World, meanMs: number, work: () => void): void {
  if (meanMs <= 0) return
  world.schedule.after(meanMs * (0.3 + 1.4 * world.random()), () => {
    if (!world.isTrouble) return
    work()
    every(world, meanMs, work)
  })
}

function once(world: World, work: () => void): void {
  world.schedule.at(world.plan.troubleMs * (0.1 + 0.6 * world.random()), work)
}

function someAgent(world: World): Agent | undefined {
  const alive = [...world.agents.values()].filter((agent) => !agent.isDead)
  return alive.length > 0 ? world.random.pick(alive) : undefined
}

function cutLink(world: World): void {
  const agent = someAgent(world)
  if (!agent) return
  const { net, random, schedule, plan } = world
  net.cut(agent.gate, plan.net.cutForMs * (0.5 + random()))
  const { session } = agent
  if (!session) return
  schedule.after(noticedAfterMs(random), () => {
    if (net.isCut(agent.gate)) net.hangUp(session)
  })
}

function crashGate(world: World): void {
  const agent = someAgent(world)
  if (!agent) return
  if (world.plan.crashesInAppend && world.random.chance(0.5)) {
    agent.crashInAppend = world.random.pick(['before', 'after'] as const)
  } else world.crashAgent(agent, 200 + world.random.int(4_000))
}

function crashCloud(world: World): void {
  const alive = world.clouds.filter((cloud) => cloud.isUp)
  if (alive.length === 0) return
  const victim = world.random.pick(alive)
  world.trace('a cloud process dies')
  victim.crash()
  world.net.died(victim, world.allAgents())
  world.clouds.splice(world.clouds.indexOf(victim), 1)
  world.schedule.after(500 + world.random.int(10_000), () => {
    if (world.clouds.length < world.plan.clouds) world.startCloud()
  })
}

function outage(world: World): void {
  world.isDatabaseUp = false
  world.schedule.after(500 + world.random.int(8_000), () => {
    world.isDatabaseUp = true
  })
}

function jump(world: World): void {
  const agent = someAgent(world)
  if (agent) agent.offsetMs += world.random.pick([-7_200_000, -3_000, 3_000, 3_600_000])
}

/** An entry that the cloud cannot read, or one that the broker will not carry. */
function badLine(world: World, mark: string): void {
  const agent = someAgent(world)
  if (!agent) return
  const what = mark === '' ? 'x'.repeat(65) : 'poison'
  orPowerCut(world, agent, () => agent.admit.system(what, mark))
  agent.pump()
}

function imageAndRestore(world: World, gate: GateId): void {
  const agent = world.agents.get(gate)
  if (!agent || agent.isDead) return
  const open = agent.disk.image()
  world.trace(`image of ${gate.slice(0, 4)} at ${agent.disk.journal.lastSeq()}`)
  world.schedule.after(3_000 + world.random.int(40_000), () => {
    const victim = world.agents.get(gate)
    if (!world.isTrouble || !victim || victim.isDead) return
    world.crashAgent(victim, 500, (lost: Disk) => {
      const restored = open()
      world.trace(`disk of ${gate.slice(0, 4)} is restored`)
      world.watch.diskLost(gate, lost, restored)
      lost.close()
      return restored
    })
  })
}

function clone(world: World, gate: GateId): void {
  const agent = world.agents.get(gate)
  if (!agent || agent.isDead) return
  world.trace(`disk of ${gate.slice(0, 4)} is cloned`)
  const copy = world.startClone(agent, agent.disk.image()())
  world.watch.cloned(gate)
  world.crowd.visits(() => copy)
}
