/**
 * The net between gates and cloud processes. It delays each message on its own (so they overtake each other), loses and duplicates some,
 * and can be cut: at once seen by the gate, or silently, so that the gate goes on sending into nothing until its keepalive
 * notices. The broker hangs up on a connection that publishes something it does not like.
 */
import type { SeededRandom } from '@gatehouse/testkit'
import type { Plan } from './plan.ts'
import type { Schedule } from './schedule.ts'

/** One MQTT connection of one agent to one cloud process. */
export interface Session {
  readonly process: CloudEnd
  readonly agent: GateEnd
  isOpen: boolean
}

export interface CloudEnd {
  readonly isUp: boolean
  received(session: Session, name: string, payload: Uint8Array): void
}

export interface GateEnd {
  /** The link's name: a clone stands on the same one. */
  readonly gate: string
  isDead: boolean
  session: Session | undefined
  hungUp(session: Session): void
  received(topic: string, payload: Uint8Array): void
}

export const poisonMark = 'POISON'
const keepaliveMs = 22_500

export interface Net {
  heal(): void
  isCut(gate: string): boolean
  cut(gate: string, forMs: number): void
  up(session: Session, name: string, payload: Uint8Array): void
  down(agent: GateEnd, topic: string, payload: Uint8Array): void
  hangUp(session: Session): void
  /** A cloud process died: its connections break. */
  died(process: CloudEnd, agents: Iterable<GateEnd>): void
}

export function createNet(schedule: Schedule, random: SeededRandom, plan: Plan): Net {
  const cutUntil = new Map<string, number>()
  let { loss, duplicate, jitterMs } = plan.net
  const delay = () => plan.net.delayMs + random() * jitterMs

  function isCut(gate: string): boolean {
    return (cutUntil.get(gate) ?? 0) > schedule.now
  }

  function send(deliver: () => void): void {
    if (random.chance(loss)) return
    schedule.after(delay(), deliver)
    if (random.chance(duplicate)) schedule.after(delay(), deliver)
  }

  function up(session: Session, name: string, payload: Uint8Array): void {
    const { agent, process } = session
    if (isCut(agent.gate) || !session.isOpen) return
    if (name === 'journal' && Buffer.from(payload).includes(poisonMark)) {
      schedule.after(plan.net.delayMs, () => hangUp(session))
      return
    }
    send(() => {
      if (process.isUp && !isCut(agent.gate)) process.received(session, name, payload)
    })
  }

  function down(agent: GateEnd, topic: string, payload: Uint8Array): void {
    if (isCut(agent.gate)) return
    send(() => {
      if (agent.session && !agent.isDead && !isCut(agent.gate)) agent.received(topic, payload)
    })
  }

  function hangUp(session: Session): void {
    if (!session.isOpen) return
    session.isOpen = false
    session.agent.hungUp(session)
  }

  function cut(gate: string, forMs: number): void {
    cutUntil.set(gate, schedule.now + forMs)
  }

  return {
    heal() {
      cutUntil.clear()
      loss = 0
      duplicate = 0
      jitterMs = Math.min(jitterMs, 50)
    },
    isCut,
    cut,
    up,
    down,
    hangUp,
    died(process, agents) {
      for (const agent of agents) {
        const { session } = agent
        if (session?.process === process) schedule.after(10 + random() * 40, () => hangUp(session))
      }
    },
  }
}

/** How long a gate goes on without noticing that its link is gone. */
export function noticedAfterMs(random: SeededRandom): number {
  return random.chance(0.5) ? 20 : keepaliveMs
}
