/**
 * The people: visitors who present what they have at the gates, and an organizer who changes who may come in. Both write down for the
 * truth what they do before the product hears of it.
 */
import type { CredentialKey, ParticipantId } from '@gatehouse/domain'
import type { Presentation } from '@gatehouse/gate-agent/admit/admit.ts'
import type { ParticipantLine, RosterLine } from '@gatehouse/protocol'
import { uuidFrom } from '@gatehouse/testkit'
import type { Agent } from './agent.ts'
import { orPowerCut } from './power-cut.ts'
import type { World } from './world.ts'

export interface Crowd {
  /** The roster before the doors open, and visitors and organizer from then on. */
  openDoors(): void
  /** People come to this agent as long as it is there. */
  visits(find: () => Agent | undefined): void
}

interface Admission {
  readonly agent: Agent
  readonly epoch: string
  readonly seq: number
  readonly person: ParticipantId
}

export function createCrowd(world: World): Crowd {
  const { random, plan, schedule, truth, database, watch } = world
  const people: ParticipantId[] = []
  const lastMono = new WeakMap<Agent, number>()
  let lastAdmission: Admission | undefined

  function openDoors(): void {
    want({ kind: 'rules', id: world.event, duplicateWindowSec: 0 })
    for (let index = 0; index < plan.people; index += 1) want(aPerson())
    // Gates are started in the same instant, after this.
    schedule.after(0, () => {
      for (const gate of world.agents.keys()) visits(() => world.agents.get(gate))
    })
    edits()
  }

  function want(line: RosterLine): void {
    truth.roster.want(line)
    database.changeRoster(line)
  }

  function aPerson(): ParticipantLine {
    const id = uuidFrom(random) as ParticipantId
    people.push(id)
    return {
      kind: 'participant',
      id,
      status: 'active',
      ticketType: random.pick(['day', 'staff']),
      zones: [],
      entryPolicy: random.pick(['once', 're-entry', 're-entry', 'unlimited']),
      credentials: [aCredential('qr'), ...(random.chance(0.5) ? [aCredential('badge')] : [])],
    }
  }

  function aCredential(kind: 'qr' | 'badge') {
    return { kind, key: uuidFrom(random).replaceAll('-', '') as CredentialKey, status: 'active' as const }
  }

  function edits(): void {
    schedule.after(plan.editEveryMs * 2 * random(), () => {
      if (!world.isTrouble) return
      edit()
      // Changes of the same person in quick succession are what coalescing has to get right.
      if (random.chance(0.4)) edit()
      edits()
    })
  }

  function edit(): void {
    if (random.chance(0.08)) return want(aPerson())
    const id = random.pick(people)
    const line = truth.roster.wanted.get(`participant:${id}`)
    if (line?.kind !== 'participant') return
    if (random.chance(0.05)) return want({ kind: 'remove', of: 'participant', id })
    want(changed(line))
  }

  function changed(line: ParticipantLine): ParticipantLine {
    const status = random.pick(['active', 'active', 'active', 'cancelled', 'blocked'] as const)
    const flip = (now: 'active' | 'revoked') => (random.chance(0.5) ? now : now === 'active' ? 'revoked' : 'active')
    const credentials = line.credentials.map((each) => ({ ...each, status: flip(each.status) }))
    return { ...line, status, credentials }
  }

  function visits(find: () => Agent | undefined): void {
    schedule.after(plan.visitEveryMs * 2 * random(), () => {
      const agent = find()
      if (!world.isTrouble || (agent && world.clones.size === 0 && agent !== world.agents.get(agent.gate as never)))
        return
      if (agent && !agent.isDead) visit(agent)
      visits(find)
    })
  }

  function visit(agent: Agent): void {
    if (lastAdmission?.agent === agent && random.chance(0.03)) return undo(agent, lastAdmission)
    const id = random.pick(people)
    const presentation = aPresentation(agent, id)
    if (!presentation) return
    present(agent, id, presentation)
    if (random.chance(0.15)) {
      schedule.after(500 + random.int(8_000), () => {
        if (!agent.isDead && world.isTrouble) present(agent, id, presentation)
      })
    }
  }

  function aPresentation(agent: Agent, id: ParticipantId): Presentation | undefined {
    const line = truth.roster.wanted.get(`participant:${id}`)
    const isInside = agent.presenceOf(id)?.inside ?? false
    const direction = random.chance(isInside ? 0.6 : 0.1) ? 'exit' : 'entry'
    const base = { lane: 'a', direction } as const
    const isManual = random.chance(0.1)
    if (isManual) {
      const override = random.chance(0.3) ? { override: { staff: 'desk-1', note: 'known' } } : {}
      return { ...base, via: 'manual', presented: { kind: 'participant', id }, staff: 'desk-1', ...override }
    }
    if (line?.kind !== 'participant') return undefined
    const { kind, key } = random.pick(line.credentials)
    return {
      ...base,
      via: kind === 'qr' ? 'qr' : 'ble',
      presented: { kind: 'credential', of: kind, key: key as CredentialKey },
    }
  }

  function present(agent: Agent, id: ParticipantId, presentation: Presentation): void {
    const mono = agent.monoMs()
    const monoMs = Math.floor(mono)
    if (monoMs <= (lastMono.get(agent) ?? -1)) return
    lastMono.set(agent, monoMs)
    const presented = watch.presents(agent, monoMs)
    const before = watch.before(agent, presentation)
    const answered = orPowerCut(world, agent, () => agent.present(presentation))
    // Written or not: nobody saw an answer, so nobody can say which passage came last.
    if (!answered) return watch.undone(id)
    watch.answered(agent, presentation, answered, presented, before)
    const { row, decision } = answered
    if (row && decision.outcome === 'admit' && decision.participant) {
      const epoch = agent.disk.journal.epoch()
      lastAdmission = { agent, epoch, seq: row.seq, person: decision.participant }
    }
    agent.pump()
  }

  function undo(agent: Agent, { epoch, seq, person }: Admission): void {
    lastAdmission = undefined
    if (agent.disk.journal.epoch() !== epoch) return
    watch.undone(person)
    orPowerCut(world, agent, () => agent.admit.undo({ seq, staff: 'desk-1', note: 'mistake' }))
    agent.pump()
  }

  return { openDoors, visits }
}
