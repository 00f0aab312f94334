/**
 * What the organizer wants of this gate from afar: desired configuration and commands. Being on the right topic is not trust:
 * what is not signed by the organization's downlink key is dropped and counted. This release reports the configuration it
 * runs, knows the command `resync`, and answers every other signed one honestly with "not supported".
 */
import {
  type Command,
  type CommandResult,
  parseCommand,
  parseDesired,
  type Reported,
  verifyDownlink,
} from '@gatehouse/protocol'
import type { Logger } from '@gatehouse/runtime'
import type { Handover } from '../handover.ts'

export interface RemoteNeeds {
  readonly handover: Pick<Handover, 'downlinkKey'>
  readonly config: Readonly<Record<string, unknown>>
  readonly now: () => number
  readonly resync: () => void
  readonly publish: (name: 'reported' | 'result', message: Reported | CommandResult) => void
  readonly refused: (reason: string) => void
  readonly logger: Pick<Logger, 'warn' | 'info'>
}

export interface Remote {
  connected(): void
  received(name: 'desired' | 'command', topic: string, payload: Uint8Array): void
}

/** Commands are executed at most once per id; these many ids are remembered, and older ones have long expired. */
const IDS_KEPT = 256

export function createRemote(needs: RemoteNeeds): Remote {
  const startedAt = needs.now()
  const done = new Set<string>()

  function isSigned(topic: string, payload: Uint8Array): boolean {
    // As received, unknown fields and all: they are signed too. The parsers have already made sure that it is an object.
    const message = JSON.parse(Buffer.from(payload).toString('utf8')) as object
    return verifyDownlink(needs.handover.downlinkKey, topic, message)
  }

  function report(revision: number, errors?: readonly string[]): void {
    needs.publish('reported', {
      v: 1,
      revision,
      appliedAt: startedAt,
      config: { ...needs.config },
      ...(errors && { errors: [...errors] }),
    })
  }

  function desired(topic: string, payload: Uint8Array): void {
    const parsed = parseDesired(payload)
    if (!parsed.ok) return needs.refused('unreadable-desired')
    if (!isSigned(topic, payload)) return needs.refused('unsigned-desired')
    report(0, [`revision ${parsed.value.revision}: this release takes its configuration from its own file`])
  }

  function command(topic: string, payload: Uint8Array): void {
    const parsed = parseCommand(payload)
    if (!parsed.ok) return needs.refused('unreadable-command')
    if (!isSigned(topic, payload)) {
      needs.logger.warn({ command: parsed.value.name }, 'a command without a valid signature was dropped')
      return needs.refused('unsigned-command')
    }
    if (parsed.value.expiresAt < needs.now() || done.has(parsed.value.id)) return needs.refused('old-command')
    remember(parsed.value.id)
    needs.publish('result', { v: 1, id: parsed.value.id, ...execute(parsed.value), at: needs.now() })
  }

  function execute({ name }: Command): { readonly ok: boolean; readonly detail: string } {
    needs.logger.info({ command: name }, 'command')
    if (name !== 'resync') return { ok: false, detail: 'this release does not support the command' }
    needs.resync()
    return { ok: true, detail: 'the feeds are asked for again' }
  }

  function remember(id: string): void {
    done.add(id)
    const [oldest] = done
    if (done.size > IDS_KEPT && oldest !== undefined) done.delete(oldest)
  }

  return {
    connected: () => report(0),
    received: (name, topic, payload) => (name === 'desired' ? desired(topic, payload) : command(topic, payload)),
  }
}
