/**
 * Who does what next. It draws people from those not yet arrived, chooses how they present themselves (60 % ticket, 35 % badge, 5 %
 * at the staff table) and at which gate, and now and then somebody odd. Deterministic from the chance it is given.
 */
import type { Random } from '@gatehouse/runtime'
import { randomFrom } from '../venue/chance.ts'
import { type CrowdGate, type CrowdPerson, pick, type Visit, type VisitKind } from './people.ts'
import { SOUP, ticketOfOtherEvent, unknownToken } from './strange-codes.ts'

export interface Planner {
  /** Somebody who was not here before, or undefined when all have come. */
  readonly newcomer: () => Visit | undefined
  /** Somebody who came earlier goes out; undefined when nobody is in. */
  readonly leaver: () => Visit | undefined
  /** Somebody who went out comes back; undefined when nobody is out. */
  readonly returner: () => Visit | undefined
  /** Somebody with a problem. */
  readonly odd: () => Visit | undefined
  /** People with a badge who came, newest last, at most `count`: they are still standing around. */
  readonly bystanders: (count: number) => readonly CrowdPerson[]
}

export interface PlannerSettings {
  readonly random: Random
  readonly people: readonly CrowdPerson[]
  readonly gates: readonly CrowdGate[]
  /** Whether somebody can revoke tickets; without it nobody comes with a revoked one. */
  readonly canRevoke: boolean
}

type Way = 'ticket' | 'badge' | 'staff'
const wayOf = (draw: number): Way => (draw < 0.6 ? 'ticket' : draw < 0.95 ? 'badge' : 'staff')

const ODDITIES = [
  'shown-twice',
  'revoked',
  'wrong-door',
  'unknown',
  'other-event',
  'soup',
] as const satisfies VisitKind[]

export function createPlanner({ random, people, gates, canRevoke }: PlannerSettings): Planner {
  const coming = { badge: people.filter(hasBadge), plain: people.filter((person) => !hasBadge(person)) }
  const inside: CrowdPerson[] = []
  const outside: CrowdPerson[] = []

  const visit = (kind: VisitKind, gate: CrowdGate | undefined, rest: Omit<Visit, 'kind' | 'gate' | 'chance'>) =>
    gate && { kind, gate, ...rest, chance: randomFrom(Math.floor(random() * 2 ** 32)) }
  const gateFor = (person: CrowdPerson) =>
    pick(
      random,
      gates.filter(({ zone }) => person.zones.includes(zone)),
    )

  /** Badge wearers may show a ticket too, but only once the others have all come. */
  function take(way: Way): CrowdPerson | undefined {
    const list = way === 'badge' || coming.plain.length === 0 ? coming.badge : coming.plain
    return takeFrom(list.length > 0 ? list : coming.plain)
  }
  const takeFrom = (list: CrowdPerson[]): CrowdPerson | undefined =>
    list.splice(Math.floor(random() * list.length), 1)[0]

  function arrival(person: CrowdPerson | undefined, way: Way): Visit | undefined {
    if (!person) return undefined
    inside.push(person)
    return visit(way === 'badge' && !hasBadge(person) ? 'ticket' : way, gateFor(person), { person })
  }

  function oddPerson(kind: 'shown-twice' | 'revoked' | 'wrong-door'): Visit | undefined {
    const person = take('ticket')
    if (!person) return undefined
    if (kind === 'shown-twice') inside.push(person)
    const wrong = gates.filter(({ zone }) => !person.zones.includes(zone))
    return visit(kind, kind === 'wrong-door' ? pick(random, wrong) : gateFor(person), { person })
  }

  const stranger = (kind: VisitKind, text: string) => visit(kind, pick(random, gates), { text })

  return {
    newcomer() {
      const way = wayOf(random())
      return arrival(take(way), way)
    },
    leaver() {
      const person = takeFrom(inside)
      if (!person) return undefined
      outside.push(person)
      return visit('leaving', gateFor(person), { person })
    },
    returner() {
      const person = takeFrom(outside)
      return arrival(person, person && hasBadge(person) ? 'badge' : 'ticket')
    },
    odd() {
      const kind =
        pick(
          random,
          ODDITIES.filter((one) => canRevoke || one !== 'revoked'),
        ) ?? 'soup'
      if (kind === 'unknown') return stranger(kind, unknownToken(random))
      if (kind === 'other-event') return stranger(kind, ticketOfOtherEvent(random))
      return kind === 'soup' ? stranger(kind, SOUP) : oddPerson(kind)
    },
    bystanders: (count) =>
      inside
        .slice(-4 * count)
        .filter(hasBadge)
        .slice(-count),
  }
}

function hasBadge(person: CrowdPerson): person is CrowdPerson & { badgeNumber: number } {
  return person.badgeNumber !== undefined
}
