/**
 * What happens with each message a gate sends besides its journal. Everything is parsed at this wall; what is wrong is counted and
 * dropped, and never answered with an exception.
 */
import type { GateId } from '@gatehouse/domain'
import { parseCommandResult, parseReported, parseStatus, parseSyncRequest, type SyncRequest } from '@gatehouse/protocol'
import { type Clock, describe, type Logger, type Metrics } from '@gatehouse/runtime'
import type { GateState } from '../broker/gate-state.ts'
import type { Broker, BrokerHandlers, GateIdentity, SmallName } from '../broker/ports.ts'
import { createTurnstile } from '../broker/turnstile.ts'
import type { Pages } from '../downlink/pages.ts'
import type { Ingest } from '../ingest/ingest.ts'

export interface GateMessageNeeds {
  readonly ingest: Ingest
  readonly pages: Pages
  readonly state: GateState
  readonly broker: () => Pick<Broker, 'send'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** A gate asks for one page at a time; more than a few at once is a gate gone mad. */
const SYNCS_AT_ONCE = 4
/** A live batch is a few lines; whatever is larger is somebody catching up. */
const SMALL_BYTES = 16_384
/** Enough for every writer to find its next transaction waiting, little enough for a live check-in not to notice. */
const BACKLOG_ENTRIES = 4_000

export function createGateMessages(needs: GateMessageNeeds): BrokerHandlers {
  const { ingest, pages, state, logger } = needs
  const unreadable = needs.metrics.counter(
    'gatehouse_gate_messages_unreadable_total',
    'Messages of gates that could not be read',
    ['name', 'code'],
  )
  const syncs = new Map<GateId, number>()
  const backlog = createTurnstile({
    hasRoom: () => ingest.waiting < BACKLOG_ENTRIES,
    bytesAtMost: 128 * 1024 * 1024,
    // Longer than a gate waits before it repeats: a repetition that is held already costs little, giving up costs the gate its turn.
    waitAtMostMs: 20_000,
    clock: needs.clock,
  })

  function sync(from: GateIdentity, request: SyncRequest): void {
    const running = syncs.get(from.gate) ?? 0
    if (request.event !== from.event || running >= SYNCS_AT_ONCE)
      return unreadable.add({ name: 'sync', code: 'refused' })
    syncs.set(from.gate, running + 1)
    pages
      .answer(from.org, from.gate, request)
      .then((page) => needs.broker().send(from.gate, 'feed', page))
      .catch((error) =>
        logger.warn({ gate: from.gate, problem: describe(error) }, 'a page could not be made; the gate asks again'),
      )
      .finally(() => {
        const left = (syncs.get(from.gate) ?? 1) - 1
        if (left === 0) syncs.delete(from.gate)
        else syncs.set(from.gate, left)
      })
  }

  function hello(from: GateIdentity, payload: Uint8Array): void {
    ingest
      .hello(from.org, from.gate, payload)
      .catch((error) =>
        logger.warn({ gate: from.gate, problem: describe(error) }, 'a hello was not answered; the gate goes on'),
      )
  }

  function small(from: GateIdentity, name: SmallName, payload: Uint8Array): string | undefined {
    if (name === 'status') {
      const status = parseStatus(payload)
      if (!status.ok) return status.code
      state.status(from.gate, JSON.stringify(status.value))
    } else if (name === 'reported') {
      const reported = parseReported(payload)
      if (!reported.ok) return reported.code
      state.reported(from.gate, JSON.stringify(reported.value))
    } else if (name === 'result') {
      const result = parseCommandResult(payload)
      if (!result.ok) return result.code
      logger.info({ gate: from.gate, command: result.value.id, done: result.value.ok }, 'command answered')
    } else if (name === 'sync') {
      const request = parseSyncRequest(payload)
      if (!request.ok) return request.code
      sync(from, request.value)
    }
    return undefined
  }

  return {
    journal(from, payload) {
      const offer = () => ingest.offer(from.org, from.gate, payload)
      return payload.length < SMALL_BYTES ? offer() : backlog.pass(payload.length, offer)
    },
    message(from, name, payload) {
      if (name === 'hello') return hello(from, payload)
      const code = small(from, name, payload)
      if (code) unreadable.add({ name, code })
    },
    presence: (from, isOnline) => state.online(from.gate, isOnline),
  }
}
