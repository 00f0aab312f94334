/**
 * Takes the journal messages of all gates, checks them, writes them in few large transactions and acknowledges after COMMIT. Natural
 * group commit: whatever arrived while the last transaction ran goes into the next one, live entries before backlog. Writers
 * are sharded by gate, so all messages of a gate pass one writer in order.
 *
 * It holds nothing that cannot be lost: a message that was not acknowledged comes again. When the queue is full it refuses, and
 * the gates wait; when the database fails, nothing is acknowledged.
 */
import type { GateId, OrgId } from '@gatehouse/domain'
import { parseHello } from '@gatehouse/protocol'
import { Failure } from '@gatehouse/runtime'
import { ackForHello, isRegress } from './acks.ts'
import { checkBatch } from './check-batch.ts'
import { createEpochCache } from './epoch-cache.ts'
import { readJournalMessage } from './journal-message.ts'
import type { IngestNeeds, IngestSettings } from './needs.ts'
import { oncePerEpoch } from './once-per-epoch.ts'
import { createShard, type Shard, type Waiting } from './shard.ts'

const defaults: IngestSettings = { shards: 2, commitEntries: 1000, queueEntries: 20_000, epochsKept: 10_000 }

export interface Ingest {
  /**
   * Resolves after COMMIT (or, for what can never be read, after it was alerted). Rejects with a Failure and without any ack when it was
   * refused or could not be written: 'GH-INGEST-001' queue full, '-002' database, '-003' gaps before it.
   */
  offer(org: OrgId, gate: GateId, bytes: Uint8Array): Promise<void>
  hello(org: OrgId, gate: GateId, bytes: Uint8Array): Promise<void>
  /** Entries waiting, over all shards. */
  readonly waiting: number
  /** Resolves when everything offered so far is settled. */
  idle(): Promise<void>
}

export function createIngest(needs: IngestNeeds): Ingest {
  const settings = { ...defaults, ...needs.settings }
  const check = needs.check ?? checkBatch
  const cache = createEpochCache(needs.store, settings.epochsKept)
  const alert = oncePerEpoch(needs.alert, settings.epochsKept)
  const shards = Array.from({ length: settings.shards }, () => createShard({ ...needs, alert, check, settings, cache }))

  function shardOf(gate: GateId): Shard {
    // Last hex digits of a UUID are random in every version that is used.
    const index = Number.parseInt(gate.slice(-6), 16) % shards.length
    return shards[index] as Shard
  }

  async function offer(org: OrgId, gate: GateId, bytes: Uint8Array): Promise<void> {
    const read = readJournalMessage(bytes)
    if (!read.ok) {
      const detail = `${read.code} ${read.detail}`
      return needs.alert({ org, gate, what: 'unreadable', detail, raw: bytes.subarray(0, 4096) })
    }
    const { header } = read.message
    const entries = header.to - header.from + 1
    const shard = shardOf(gate)
    if (shard.waiting + entries > settings.queueEntries && shard.waiting > 0) {
      throw new Failure('GH-INGEST-001', 'ingest is behind; the gate will send again', { waitingHelps: true })
    }
    return new Promise<void>((resolve, reject) => {
      const item: Waiting = { org, gate, message: read.message, entries, receivedAt: needs.now(), resolve, reject }
      shard.push(item)
    })
  }

  async function hello(org: OrgId, gate: GateId, bytes: Uint8Array): Promise<void> {
    const parsed = parseHello(bytes)
    if (!parsed.ok) {
      return needs.alert({ org, gate, what: 'unreadable', detail: `hello: ${parsed.code} ${parsed.detail}` })
    }
    const { epoch, lastSeq } = parsed.value
    const state = await needs.store.epoch(gate, epoch)
    const held = await needs.store.held(gate, epoch, lastSeq, lastSeq)
    const restored = isRegress(state, parsed.value, held.get(lastSeq))
    if (restored) needs.alert({ org, gate, what: 'restored', epoch, seq: lastSeq })
    needs.ack(org, gate, ackForHello(state, parsed.value, restored, needs.now()))
  }

  return {
    offer,
    hello,
    get waiting() {
      return shards.reduce((sum, shard) => sum + shard.waiting, 0)
    },
    async idle() {
      await Promise.all(shards.map((shard) => shard.idle()))
    },
  }
}
