/** What happens to an agent whose power goes in the middle of something: it is gone at once and comes back after a while. */
import { type Agent, PowerCut } from './agent.ts'
import type { World } from './world.ts'

/** Presents something and survives that the power goes meanwhile. */
export function orPowerCut<T>(world: World, agent: Agent, act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
    agent.crashInAppend = undefined
    world.crashAgent(agent, 200 + world.random.int(2_000))
    return undefined
  }
}
