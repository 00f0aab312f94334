/**
 * What a scene has in its hands: the open venue, people that the crowd leaves alone, a way to start the crowd, and a voice. Times
 * are told in the event's minutes; `faster` says how many of them pass in a real one.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, gateState, scanText } from '../venue/gate-client.ts'
import type { OpenGate, OpenVenue } from '../venue/open.ts'
import type { VenuePerson } from '../venue/set-up.ts'

export interface Stage {
  readonly open: OpenVenue
  readonly faster: number
  readonly signal: AbortSignal
  say(text: string): void
  /** Lets `people` of the crowd come within so many minutes of the event's time; resolves when the last was served. */
  rush(people: number, minutes: number): Promise<void>
  /** Somebody the crowd does not play and who has not come yet, used once. */
  person(wanted?: (person: VenuePerson) => boolean): Promise<VenuePerson>
}

export type Scene = (stage: Stage) => Promise<void>

/** Waits for minutes of the event's time; ends early when the venue closes. */
export async function minutes(stage: Stage, count: number): Promise<void> {
  await wait((count * 60_000) / stage.faster, undefined, { signal: stage.signal }).catch(() => undefined)
}

export function gateAt(stage: Stage, number: number): OpenGate {
  const gate = stage.open.gates[number - 1]
  if (!gate) throw new Error(`the scene needs ${number} gates`)
  return gate
}

const WORD = { admit: 'admitted', deny: 'refused', ask: 'sent to the staff' } as const

/** Shows a ticket at a gate and tells what it said. */
export async function show(stage: Stage, gate: OpenGate, ticket: string, what: string): Promise<Answer> {
  const answer = await scanText(gate.http, ticket)
  const { outcome, reason } = answer.decision
  stage.say(`${what} at gate ${gate.name}: ${WORD[outcome]}${reason ? ` (${reason})` : ''}`)
  return answer
}

const POLL_MS = 100

/** Waits until `holds` does; throws when it does not within the time. */
export async function until(
  stage: Stage,
  what: string,
  withinMs: number,
  holds: () => Promise<boolean>,
): Promise<number> {
  const began = Date.now()
  while (Date.now() - began < withinMs) {
    if (stage.signal.aborted || (await holds().catch(() => false))) return Date.now() - began
    await wait(POLL_MS)
  }
  throw new Error(`${what} did not happen within ${withinMs / 1_000} s`)
}

/** Pulls the cables of some gates and tells it. */
export function cut(stage: Stage, gates: readonly OpenGate[]): void {
  for (const gate of gates) gate.cable.pull()
  stage.say(`the network is gone for ${gates.map(({ name }) => name).join(', ')}; the gates go on by themselves`)
}

/** Plugs them in again and waits until every journal has arrived. */
export async function heal(stage: Stage, gates: readonly OpenGate[]): Promise<void> {
  for (const gate of gates) gate.cable.plug()
  stage.say('the network is back')
  const tookMs = await until(stage, 'the arrival of all journals', 60_000, async () => {
    const states = await Promise.all(gates.map((gate) => gateState(gate.http)))
    return states.every(({ unsent, link }) => unsent === 0 && link.state === 'up')
  })
  stage.say(`everything arrived after ${(tookMs / 1_000).toFixed(1)} s`)
}

export interface Overview {
  readonly totals: { readonly arrived: number; readonly entries: number; readonly doubleEntries: number }
}

export function overview(stage: Stage): Promise<Overview> {
  return stage.open.cloud.client.get<Overview>(`/events/${stage.open.venue.event}/overview`)
}
