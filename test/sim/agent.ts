/**
 * One gate agent as a process: the real admit, uplink and feed sync on a disk, a link and a clock that the world owns. It can be
 * stopped at any instant, also in the middle of writing a journal entry, and started again on whatever disk is left.
 */
import type { EpochId, EventId, GateId, OrgId, Presence } from '@gatehouse/domain'
import { type Admit, type Answered, createAdmit, type Presentation } from '@gatehouse/gate-agent/admit/admit.ts'
import { createFeedSync, type FeedSync } from '@gatehouse/gate-agent/roster-sync/feed-sync.ts'
import type { JournalStore } from '@gatehouse/gate-agent/store/ports.ts'
import { createUplink, type Uplink, type UplinkNote } from '@gatehouse/gate-agent/uplink/uplink.ts'
import { type FeedHeader, parseAck, parseTopic } from '@gatehouse/protocol'
import { type SeededRandom, uuidFrom } from '@gatehouse/testkit'
import type { Disk } from './disk.ts'
import type { Mutations } from './mutations.ts'
import { type GateEnd, type Net, noticedAfterMs, type Session } from './net.ts'
import type { Plan } from './plan.ts'
import type { Schedule } from './schedule.ts'
import type { Seals } from './seals.ts'

export interface AgentNeeds {
  readonly org: OrgId
  readonly event: EventId
  readonly gate: GateId
  readonly schedule: Schedule
  readonly random: SeededRandom
  readonly net: Net
  readonly plan: Plan
  readonly seals: Seals
  readonly mutations: Mutations
  /** A cloud process that takes connections now. */
  readonly findCloud: () => Session['process'] | undefined
  readonly onUplinkNote: (agent: Agent, note: UplinkNote) => void
  readonly onPage: (agent: Agent, header: FeedHeader) => void
  readonly onSpin: (agent: Agent) => void
}

export interface Agent extends GateEnd {
  readonly gate: GateId
  readonly disk: Disk
  readonly boot: string
  /** Changes when the disk is restored: what was remembered before may be lost. */
  readonly lineage: number
  offsetMs: number
  /** When it last noticed that its roster is not the cloud's. */
  noticedAt: number | undefined
  crashInAppend: 'before' | 'after' | undefined
  presenceOf(id: Presence['id']): Presence | undefined
  monoMs(): number
  wallMs(): number
  present(presentation: Presentation): Answered
  readonly admit: Admit
  /** Stops at once; gives what is left of the disk. */
  crash(): Disk
  pump(): void
  goOnline(): void
}

/** Thrown inside the journal: the power went while it was writing. */
export class PowerCut extends Error {}

const startOfTime = Date.UTC(2026, 10, 20, 9)

export function startAgent(needs: AgentNeeds, disk: Disk, lineage: number, offsetMs: number): Agent {
  const { schedule, random, net, plan, seals, gate } = needs
  const bootedAt = schedule.now
  const boot = uuidFrom(random)
  const clock = { now: () => agent.wallMs(), monoMs: () => schedule.now - bootedAt }
  let wakeAt = Number.POSITIVE_INFINITY
  let idleWakes = 0
  let isTrying = false

  const journal = breakable(needs.mutations.journal?.(disk.journal) ?? disk.journal)
  const roster = needs.mutations.roster?.(disk.roster) ?? disk.roster

  function breakable(inner: JournalStore): JournalStore {
    return {
      ...inner,
      append(...entry) {
        if (agent.crashInAppend === 'before') throw new PowerCut()
        const row = inner.append(...entry)
        if (agent.crashInAppend === 'after') throw new PowerCut()
        return row
      },
    }
  }

  const feedSync: FeedSync = createFeedSync({
    roster,
    journal,
    org: needs.org,
    event: needs.event,
    gate,
    verify: seals.verifyPage,
    clock,
    random,
    note(note) {
      if (note.what === 'root-differs') agent.noticedAt = schedule.now
    },
  })
  const uplink: Uplink = createUplink({
    journal,
    clock,
    random,
    sign: (epoch, to, head) => seals.signHead(gate, epoch, to, head),
    newEpochId: () => uuidFrom(random) as EpochId,
    about: () => ({ software: 'sim/1', protocol: [1], boot, feeds: feedSync.positions() }),
    note: (note) => needs.onUplinkNote(agent, note),
  })
  const admit = createAdmit({
    roster,
    journal,
    clock,
    boot,
    clockState: () => ({ trust: 'synced', offsetMs: 0, errorMs: 0 }),
    event: needs.event,
    gate,
    isOffline: () => !agent.session,
    appended: () => uplink.appended(),
  })

  const agent: Agent = {
    gate,
    disk,
    boot,
    lineage,
    admit,
    offsetMs,
    noticedAt: undefined,
    crashInAppend: undefined,
    isDead: false,
    session: undefined,
    monoMs: clock.monoMs,
    wallMs: () => Math.floor(startOfTime + schedule.now + agent.offsetMs),
    presenceOf: (id) => roster.presence(id),
    present: (presentation) => admit.present(presentation),
    received,
    hungUp,
    crash,
    pump,
    goOnline,
  }

  function received(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic)
    if (parsed?.side === 'down' && parsed.name === 'ack') {
      const ack = parseAck(payload)
      if (ack.ok) uplink.received(ack.value)
    } else {
      feedSync.received(topic, payload)
      needs.onPage(agent, headerOf(payload))
    }
    pump()
  }

  function hungUp(session: Session): void {
    if (agent.isDead || agent.session !== session) return
    agent.session = undefined
    uplink.disconnected()
    feedSync.disconnected()
    goOnline()
  }

  function goOnline(): void {
    if (isTrying) return
    isTrying = true
    schedule.after(300 + random() * 1_700, () => {
      isTrying = false
      if (agent.isDead || agent.session) return
      const process = net.isCut(gate) ? undefined : needs.findCloud()
      if (!process) return goOnline()
      agent.session = { process, agent, isOpen: true }
      uplink.connected()
      feedSync.connected()
      pump()
    })
  }

  function pump(): void {
    if (agent.isDead) return
    const { session } = agent
    let sent = 0
    if (session) {
      for (const { name, payload } of uplink.tick()) {
        net.up(session, name, payload)
        sent += 1
      }
      for (const request of feedSync.tick()) {
        net.up(session, 'sync', Buffer.from(JSON.stringify(request)))
        sent += 1
      }
    }
    idleWakes = sent > 0 ? 0 : idleWakes + 1
    if (idleWakes > 5_000) needs.onSpin(agent)
    planWake()
  }

  function planWake(): void {
    const due = Math.min(uplink.dueAt(), feedSync.dueAt())
    if (due === Number.POSITIVE_INFINITY) return
    const at = Math.max(bootedAt + due, schedule.now + 1)
    if (at >= wakeAt && wakeAt > schedule.now) return
    wakeAt = at
    schedule.at(at, () => {
      if (wakeAt !== at) return
      wakeAt = Number.POSITIVE_INFINITY
      pump()
    })
  }

  /** The link goes away without a word in half of the cases. */
  function crash(): Disk {
    agent.isDead = true
    const { session } = agent
    if (session) schedule.after(noticedAfterMs(random), () => net.hangUp(session))
    return disk.afterCrash(plan.crashesInAppend ? random.int(8) : 0)
  }

  admit.system('start', { software: 'sim/1' })
  goOnline()
  return agent
}

function headerOf(payload: Uint8Array): FeedHeader {
  return JSON.parse(Buffer.from(payload.subarray(0, payload.indexOf(10))).toString()) as FeedHeader
}
