/**
 * One cloud process: the real ingest, publisher and pages on a database that all processes share. It holds nothing that may not be lost:
 * when it dies, what it had not yet told anybody never happened for the others, except what the database has.
 */
import { createPages, type Pages } from '@gatehouse/cloud-server/downlink/pages.ts'
import { createPublisher } from '@gatehouse/cloud-server/downlink/publisher.ts'
import { createIngest, type Ingest } from '@gatehouse/cloud-server/ingest/ingest.ts'
import type { GateId, OrgId } from '@gatehouse/domain'
import { type Ack, downTopic, parseSyncRequest } from '@gatehouse/protocol'
import type { SeededRandom } from '@gatehouse/testkit'
import type { Mutations } from './mutations.ts'
import type { CloudEnd, Session } from './net.ts'
import type { Plan } from './plan.ts'
import type { Schedule } from './schedule.ts'
import type { Seals } from './seals.ts'
import type { MapCloud } from './stores/map-cloud.ts'

export interface CloudNeeds {
  readonly org: OrgId
  readonly database: MapCloud
  readonly schedule: Schedule
  readonly random: SeededRandom
  readonly plan: Plan
  readonly seals: Seals
  readonly mutations: Mutations
  readonly isDatabaseUp: () => boolean
  /** To all agents of this gate that are connected, wherever. */
  readonly toGate: (gate: GateId, topic: string, payload: Uint8Array) => void
  readonly toAll: (topic: string, payload: Uint8Array) => void
  readonly onAck: (gate: GateId, ack: Ack) => void
}

export interface CloudProcess extends CloudEnd {
  isUp: boolean
  crash(): void
}

export function startCloud(needs: CloudNeeds): CloudProcess {
  const { org, schedule, random, plan, seals } = needs
  const publishEveryMs = 200
  /** A way to the database takes its time; with the process dead or the database away it never ends or fails. */
  const reach = () =>
    new Promise<void>((resolve, reject) => {
      schedule.after(random() * plan.database.latencyMs, () => {
        if (!cloud.isUp) return
        if (needs.isDatabaseUp()) resolve()
        else reject(new Error('no way to the database'))
      })
    })
  const bare = needs.database.connect(reach)
  const store = needs.mutations.cloudStore?.(bare, schedule) ?? bare

  const ingest: Ingest = createIngest({
    store,
    verifyOf: async (gate) => (epoch, to, head, sig) => seals.verifyHead(gate, epoch, to, head, sig),
    now: () => Math.floor(Date.UTC(2026, 10, 20, 9) + schedule.now),
    ack(_org, gate, honest) {
      if (!cloud.isUp) return
      const ack = needs.mutations.ack?.(honest) ?? honest
      needs.onAck(gate, ack)
      needs.toGate(gate, downTopic(org, gate, 'ack'), Buffer.from(JSON.stringify(ack)))
    },
    alert: () => undefined,
    ...(needs.mutations.check ? { check: needs.mutations.check } : {}),
    settings: { queueEntries: plan.queueEntries, epochsKept: 3 },
  })
  const sign = (_org: OrgId, topic: string, header: object) => seals.signPage(topic, header)
  const pages: Pages = createPages({ store, sign, atMostBytes: plan.pageBytes })
  const publisher = createPublisher({
    store,
    sign,
    publish: async (topic, payload) => {
      if (cloud.isUp) needs.toAll(topic, payload)
    },
    settings: { numberLines: plan.numberLines, atMostBytes: plan.pageBytes },
  })

  const cloud: CloudProcess = {
    isUp: true,
    received(session, name, payload) {
      handle(session, name, payload).catch(() => undefined)
    },
    crash() {
      cloud.isUp = false
    },
  }

  async function handle({ agent }: Session, name: string, payload: Uint8Array): Promise<void> {
    const gate = agent.gate as GateId
    if (name === 'journal') await ingest.offer(org, gate, payload)
    else if (name === 'hello') await ingest.hello(org, gate, payload)
    else if (name === 'sync') await answer(gate, payload)
  }

  async function answer(gate: GateId, payload: Uint8Array): Promise<void> {
    const request = parseSyncRequest(payload)
    if (!request.ok) return
    const page = await pages.answer(org, gate, request.value)
    if (cloud.isUp) needs.toGate(gate, downTopic(org, gate, 'feed'), page)
  }

  function publishLater(): void {
    schedule.after(publishEveryMs, () => {
      if (!cloud.isUp) return
      if (needs.database.pending('roster') + needs.database.pending('presence') === 0) return publishLater()
      void publisher
        .turn()
        .catch(() => undefined)
        .then(publishLater)
    })
  }
  publishLater()
  return cloud
}
