/**
 * One person's visit, from walking up to whatever happens next. Each kind is a few lines; together they are what a gate meets on
 * a day.
 */
import type { Clock } from '@gatehouse/runtime'
import { badgeLine, randomAddress } from './advertisements.ts'
import type { Hands } from './hands.ts'
import { secondTryMs } from './pace.ts'
import type { CrowdPerson, Visit, VisitKind } from './people.ts'
import { walkThrough } from './walk.ts'

export interface VisitDeps {
  readonly hands: Hands
  readonly clock: Clock
  readonly badgeKey: Uint8Array
  /** Takes the person's right to come in away, in the cloud. Rejects when the cloud does not answer. */
  readonly revoke?: (person: CrowdPerson) => Promise<void>
  readonly tell: (line: string) => void
}

/** Time enough for a change in the cloud to be at every gate. */
const REVOKED_BEFORE_MS = 3_000

const WORDS: Readonly<Record<VisitKind, string>> = {
  ticket: 'shows a ticket',
  badge: 'walks through with a badge',
  staff: 'is found by name at the staff table',
  leaving: 'goes out',
  'shown-twice': 'shows a ticket that will be shown again',
  revoked: 'shows a ticket that was revoked a moment ago',
  'wrong-door': 'stands at the wrong door',
  unknown: 'shows a code of another ticket shop',
  'other-event': 'shows a ticket of another event',
  soup: 'shows a soup advertisement',
}

/** "1 East: a day visitor shows a ticket". No names: the line may end up in a log. */
export function storyOf({ kind, gate, person }: Visit): string {
  return `${gate.name}: ${person ? `a ${person.ticketType} visitor` : 'somebody'} ${WORDS[kind]}`
}

async function walk(deps: VisitDeps, visit: Visit, badgeNumber: number, signal: AbortSignal): Promise<boolean> {
  const { hands, clock, badgeKey } = deps
  const addr = randomAddress(visit.chance)
  const began = clock.monoMs()
  for (const { afterMs, rssi } of walkThrough(visit.chance)) {
    await clock.sleep(Math.max(0, began + afterMs - clock.monoMs()), signal)
    if (signal.aborted) return true
    hands.send(visit.gate, badgeLine(badgeKey, badgeNumber, { at: clock.now(), addr, rssi }))
  }
  return true
}

async function showTwice(deps: VisitDeps, visit: Visit, text: string, signal: AbortSignal): Promise<boolean> {
  const first = await deps.hands.showPicture(visit.gate, text)
  await deps.clock.sleep(secondTryMs(visit.chance), signal)
  if (signal.aborted) return true
  deps.tell(`${visit.gate.name}: the same ticket is shown again`)
  return (await deps.hands.showPicture(visit.gate, text)) && first
}

async function showRevoked(deps: VisitDeps, visit: Visit, person: CrowdPerson, signal: AbortSignal): Promise<boolean> {
  const isRevoked = await deps.revoke?.(person).then(
    () => true,
    () => false,
  )
  // Without the cloud there is nothing to show: the person simply does not come.
  if (!isRevoked) return true
  await deps.clock.sleep(REVOKED_BEFORE_MS, signal)
  return signal.aborted || deps.hands.showPicture(visit.gate, person.ticket)
}

function act(deps: VisitDeps, visit: Visit, signal: AbortSignal): Promise<boolean> {
  const { kind, gate, person } = visit
  const { hands } = deps
  if (!person) return hands.showPicture(gate, visit.text ?? '')
  if (kind === 'badge' && person.badgeNumber !== undefined) return walk(deps, visit, person.badgeNumber, signal)
  if (kind === 'staff') return hands.askStaff(gate, person, signal)
  if (kind === 'leaving') return hands.showAtExit(gate, person.ticket, signal)
  if (kind === 'shown-twice') return showTwice(deps, visit, person.ticket, signal)
  if (kind === 'revoked') return showRevoked(deps, visit, person, signal)
  return hands.showPicture(gate, person.ticket)
}

/** Resolves when the person is through or gone; never rejects. */
export async function pay(deps: VisitDeps, visit: Visit, signal: AbortSignal): Promise<void> {
  deps.tell(storyOf(visit))
  const reached = await act(deps, visit, signal)
  if (!reached && !signal.aborted) deps.tell(`${visit.gate.name}: nobody is served at the moment`)
}
