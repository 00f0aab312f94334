import { describe, expect, test } from 'vitest'
import { randomFrom } from '../venue/chance.ts'
import type { CrowdGate, CrowdPerson, Visit } from './people.ts'
import { createPlanner } from './planner.ts'

const gate = (name: string, zone: string): CrowdGate => ({
  id: name,
  name,
  zone,
  http: '',
  qrFolder: '',
  bleSocket: '',
})
const gates = [gate('east', 'hall'), gate('north', 'hall'), gate('west', 'stage')]
const people = Array.from(
  { length: 3_000 },
  (_, number): CrowdPerson => ({
    id: `p${number}`,
    ticketType: number % 10 ? 'day' : 'speaker',
    zones: number % 10 ? ['hall'] : ['hall', 'stage'],
    ticket: `T${number}`,
    ...(number % 5 < 2 && { badgeNumber: number }),
  }),
)
const plannerWith = (settings: { seed?: number; canRevoke?: boolean; people?: CrowdPerson[] } = {}) =>
  createPlanner({
    random: randomFrom(settings.seed ?? 1),
    people: settings.people ?? people,
    gates,
    canRevoke: settings.canRevoke ?? true,
  })
const many = (count: number, next: () => Visit | undefined) =>
  Array.from({ length: count }, next).filter((visit) => visit !== undefined)
const shareOf = (visits: readonly Visit[], kind: Visit['kind']) =>
  visits.filter((visit) => visit.kind === kind).length / visits.length

describe('the plan of who comes', () => {
  test('is 60 % tickets, 35 % badges and 5 % staff', () => {
    const visits = many(2_000, plannerWith().newcomer)
    expect(shareOf(visits, 'ticket')).toBeCloseTo(0.6, 1)
    expect(shareOf(visits, 'badge')).toBeCloseTo(0.35, 1)
    expect(shareOf(visits, 'staff')).toBeCloseTo(0.05, 1)
  })

  test('brings everybody once, each to a gate that is theirs, and then nobody', () => {
    const planner = plannerWith()
    const visits = many(4_000, planner.newcomer)
    expect(new Set(visits.map(({ person }) => person?.id)).size).toBe(people.length)
    expect(visits).toHaveLength(people.length)
    expect(visits.every(({ person, gate: at }) => person?.zones.includes(at.zone))).toBe(true)
    expect(visits.every(({ kind, person }) => kind !== 'badge' || person?.badgeNumber !== undefined)).toBe(true)
  })

  test('has every kind of oddity, and the wrong door is really wrong', () => {
    const odd = many(400, plannerWith().odd)
    const kinds = new Set(odd.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['other-event', 'revoked', 'shown-twice', 'soup', 'unknown', 'wrong-door'])
    const wrong = odd.filter(({ kind }) => kind === 'wrong-door')
    expect(wrong.every(({ person, gate: at }) => !person?.zones.includes(at.zone))).toBe(true)
    expect(odd.find(({ kind }) => kind === 'other-event')?.text).toMatch(/^GT1:[0-9A-Z]{144}$/)
  })

  test('brings nobody with a revoked ticket when nothing can be revoked', () => {
    expect(many(300, plannerWith({ canRevoke: false }).odd).some(({ kind }) => kind === 'revoked')).toBe(false)
  })

  test('lets only those leave who came, and only those return who left', () => {
    const planner = plannerWith()
    expect(planner.leaver()).toBeUndefined()
    expect(planner.returner()).toBeUndefined()
    const came = planner.newcomer()?.person
    expect(planner.leaver()?.person).toBe(came)
    expect(planner.returner()?.person).toBe(came)
    expect(planner.returner()).toBeUndefined()
  })

  test('is the same for the same seed and another for another', () => {
    const plan = (seed: number) => {
      const planner = plannerWith({ seed })
      return many(50, () => planner.odd() ?? planner.newcomer()).map(({ kind, gate: at, person, text }) =>
        [kind, at.id, person?.id, text].join(),
      )
    }
    expect(plan(7)).toEqual(plan(7))
    expect(plan(8)).not.toEqual(plan(7))
  })

  test('with no people it still has strangers', () => {
    const planner = plannerWith({ people: [] })
    expect(planner.newcomer()).toBeUndefined()
    expect(many(60, planner.odd).length).toBeGreaterThan(0)
  })
})
