/**
 * The first start of a demo venue: an event that is open now, its gates, and its people with real tickets and badges, all made
 * through the cloud's API. What was made is written down, so that later starts find the same people.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Random } from '@gatehouse/runtime'
import type { CloudClient } from './cloud-client.ts'
import { inventPeople, type NewPerson } from './people.ts'

export interface VenueGate {
  readonly id: string
  readonly name: string
  readonly zone: string
}

export interface VenuePerson {
  readonly id: string
  readonly name: string
  readonly ticketType: NewPerson['ticketType']
  readonly zones: readonly string[]
  readonly entryPolicy: NewPerson['entryPolicy']
  readonly ticket: string
  readonly badgeNumber?: number
}

export interface Venue {
  readonly event: string
  readonly timeZone: string
  readonly startsAt: number
  readonly endsAt: number
  readonly gates: readonly VenueGate[]
  readonly people: readonly VenuePerson[]
}

export interface VenuePlan {
  readonly gates: number
  readonly people: number
  readonly random: Random
  /** How many times faster than life people will come; the gates get lanes enough for it. */
  readonly pace: number
  readonly now: number
  readonly say: (text: string) => void
}

const HOUR_MS = 3_600_000
/** Requests stay small enough to show progress and to be answered well within their time. */
const PEOPLE_PER_REQUEST = 1_000
/** One lane with one scanner; a little less than a rush wants, so that it can be seen to be too little. */
const CAPACITY_PER_MINUTE = 50
const NAMES = ['1 East', '2 North', '3 West', '4 South']

/** The venue of this folder: read back when it was made before and its event is still open, else made anew. */
export async function findOrSetUp(file: string, cloud: CloudClient, plan: VenuePlan): Promise<Venue> {
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Venue) : undefined
  if (earlier && earlier.endsAt > plan.now && earlier.gates.length === plan.gates) return earlier
  const venue = await setUp(cloud, plan)
  writeFileSync(`${file}.new`, JSON.stringify(venue))
  renameSync(`${file}.new`, file)
  return venue
}

async function setUp(cloud: CloudClient, plan: VenuePlan): Promise<Venue> {
  const when = {
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    startsAt: plan.now - HOUR_MS / 6,
    endsAt: plan.now + 10 * HOUR_MS,
  }
  plan.say('making an event that is open now')
  const { id: event } = await cloud.post<{ id: string }>('/events', { name: 'Spring Expo', capacity: 6_000, ...when })
  const gates = await makeGates(cloud, event, plan)
  await cloud.patch(`/events/${event}`, { rules: rulesFor(gates) })
  const people = await register(cloud, event, plan)
  return { event, ...when, gates, people }
}

async function makeGates(cloud: CloudClient, event: string, plan: VenuePlan): Promise<VenueGate[]> {
  const capacityPerMinute = CAPACITY_PER_MINUTE * plan.pace
  const gates: VenueGate[] = []
  for (let number = 1; number <= plan.gates; number += 1) {
    // The third gate is the speakers' entrance, so that there is a wrong door to stand at.
    const gate = { name: NAMES[number - 1] ?? `${number}`, zone: number === 3 ? 'stage' : 'hall' }
    const body = { ...gate, lane: 'a', direction: 'both', capacityPerMinute }
    const { id } = await cloud.post<{ id: string }>(`/events/${event}/gates`, body)
    gates.push({ id, ...gate })
  }
  return gates
}

function rulesFor(gates: readonly VenueGate[]) {
  const entrance = (gate: VenueGate) =>
    gate.zone === 'stage'
      ? { name: gate.name, zone: gate.zone, ticketTypes: ['vip', 'speaker'], elsewhere: gates[0]?.name ?? '1' }
      : { name: gate.name, zone: gate.zone }
  return {
    zones: [
      { id: 'hall', name: 'Hall', capacity: 6_000 },
      { id: 'stage', name: 'Stage', capacity: 900 },
    ],
    ticketTypes: { day: { name: 'Day' }, vip: { name: 'VIP' }, speaker: { name: 'Speaker' } },
    gates: Object.fromEntries(gates.map((gate) => [gate.id, entrance(gate)])),
    policies: { signedUnknown: 'ask', full: 'ask', antiPassback: true },
  }
}

async function register(cloud: CloudClient, event: string, plan: VenuePlan): Promise<VenuePerson[]> {
  const invented = inventPeople(plan.people, plan.random)
  const people: VenuePerson[] = []
  for (let from = 0; from < invented.length; from += PEOPLE_PER_REQUEST) {
    const some = invented.slice(from, from + PEOPLE_PER_REQUEST)
    people.push(...(await registerSome(cloud, event, some)))
    plan.say(`registered ${people.length} of ${invented.length} people`)
  }
  return people
}

async function registerSome(cloud: CloudClient, event: string, some: readonly NewPerson[]): Promise<VenuePerson[]> {
  const items = some.map(({ badge, ...person }) => ({ ...person, credentials: badge ? ['qr', 'badge'] : ['qr'] }))
  const made = await cloud.post<{ items: { id: string; ticket: string; badgeNumber?: number | null }[] }>(
    `/events/${event}/participants/bulk`,
    { items },
  )
  return made.items.map(({ id, ticket, badgeNumber }, index) => {
    const { name, ticketType, zones, entryPolicy } = some[index] as NewPerson
    return { id, name, ticketType, zones, entryPolicy, ticket, ...(badgeNumber == null ? {} : { badgeNumber }) }
  })
}
