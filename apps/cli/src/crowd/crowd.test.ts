import { createVirtualClock, type VirtualClock } from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import { randomFrom } from '../venue/chance.ts'
import { type CrowdSettings, createCrowd } from './crowd.ts'
import type { Hands } from './hands.ts'
import { bellOffsetsMs } from './pace.ts'
import type { CrowdGate, CrowdPerson } from './people.ts'

const gate = (name: string, zone: string): CrowdGate => ({
  id: name,
  name,
  zone,
  http: '',
  qrFolder: '',
  bleSocket: '',
})
const gates = [gate('east', 'hall'), gate('west', 'stage')]
const people = Array.from(
  { length: 500 },
  (_, number): CrowdPerson => ({
    id: `p${number}`,
    ticketType: number % 10 ? 'day' : 'speaker',
    zones: number % 10 ? ['hall'] : ['hall', 'stage'],
    ticket: `TICKET-${number}`,
    ...(number % 5 < 2 && { badgeNumber: number }),
  }),
)

interface Seen {
  readonly at: number
  readonly what: 'picture' | 'exit' | 'staff' | 'air'
  readonly detail: string
}

/** Hands that only remember, and a gate that always answers. */
function rememberingHands(clock: VirtualClock): Hands & { seen: Seen[] } {
  const seen: Seen[] = []
  const note = (what: Seen['what'], detail: string) => void seen.push({ at: clock.monoMs(), what, detail })
  return {
    seen,
    showPicture: async (at, text) => (note('picture', `${at.id} ${text}`), true),
    showAtExit: async (at, text) => (note('exit', `${at.id} ${text}`), true),
    askStaff: async (at, person) => (note('staff', `${at.id} ${person.id}`), true),
    send: (at, line) => note('air', `${at.id} ${line}`),
    close: () => undefined,
  }
}

function setUp(settings: Partial<CrowdSettings> = {}, seed = 5) {
  const clock = createVirtualClock(1_790_000_000_000)
  const hands = rememberingHands(clock)
  const story: string[] = []
  const badgeKey = 'ab'.repeat(32)
  const base = {
    random: randomFrom(seed),
    clock,
    people,
    gates,
    badgeKey,
    story: (line: string) => story.push(line),
    hands,
  }
  return { clock, hands, story, crowd: createCrowd({ ...base, ...settings }) }
}

/** Lets time pass until the work ends; gives up after an hour. */
async function through(clock: VirtualClock, work: Promise<void>): Promise<void> {
  let isOver = false
  void work.then(() => {
    isOver = true
  })
  for (let minute = 0; minute < 60 && !isOver; minute += 1) await clock.advance(60_000)
  expect(isOver).toBe(true)
}
const never = () => new AbortController().signal
const kinds = (seen: readonly Seen[]) => Object.groupBy(seen, ({ what }) => what)

describe('a rush', () => {
  test('brings that many people within its minutes and ends when the last was served', async () => {
    const { clock, hands, crowd, story } = setUp()
    await through(clock, crowd.rush({ people: 300, minutes: 3, faster: 1 }, never()))
    const { picture = [], staff = [] } = kinds(hands.seen)
    const shown = new Set(picture.map(({ detail }) => detail))
    expect(shown.size).toBeGreaterThan(150)
    expect(staff.length).toBeGreaterThan(3)
    expect(Math.max(...staff.map(({ at }) => at))).toBeLessThan(180_000)
    expect(story.some((line) => line.startsWith('200 of '))).toBe(true)
    const before = hands.seen.length
    await clock.advance(60_000)
    expect(hands.seen.length).toBe(before)
  })

  test('passes as much faster as asked', async () => {
    const { clock, hands, crowd } = setUp()
    await through(clock, crowd.rush({ people: 100, minutes: 10, faster: 10 }, never()))
    expect(Math.max(...hands.seen.filter(({ what }) => what === 'staff').map(({ at }) => at))).toBeLessThan(60_000)
  })

  test('is a bell: most come in the middle third', () => {
    const offsets = bellOffsetsMs(randomFrom(3), 3_000, 90_000)
    expect(offsets).toEqual([...offsets].sort((one, other) => one - other))
    expect(offsets.filter((at) => at > 30_000 && at < 60_000).length / 3_000).toBeGreaterThan(0.6)
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...offsets)).toBeLessThanOrEqual(90_000)
  })

  test('leaves the last tenth of the people to the scenes and ends when all others have come', async () => {
    const { clock, hands, crowd } = setUp()
    await through(clock, crowd.rush({ people: 5_000, minutes: 2, faster: 1 }, never()))
    const shown = hands.seen
      .filter(({ what }) => what === 'picture')
      .map(({ detail }) => Number(detail.split('TICKET-')[1]))
    expect(Math.max(...shown.filter((number) => !Number.isNaN(number)))).toBeLessThan(450)
  })
})

describe('the crowd', () => {
  test('does the same things at the same times for the same seed', async () => {
    const runs = []
    for (const seed of [9, 9, 10]) {
      const { clock, hands, crowd } = setUp({}, seed)
      await through(clock, crowd.rush({ people: 40, minutes: 2, faster: 1 }, never()))
      runs.push(hands.seen)
    }
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).not.toEqual(runs[0])
  })

  test('on a calm day brings about twelve a minute until it is told to end, and then ends at once', async () => {
    const { clock, crowd, story } = setUp()
    const ending = new AbortController()
    const calm = crowd.calm(ending.signal)
    await clock.advance(600_000)
    const came = story.length
    expect(came / 10).toBeGreaterThan(7)
    expect(came / 10).toBeLessThan(17)
    ending.abort()
    await calm
  })

  test('fills the air with phones and bystanders all the time it is there, and not afterwards', async () => {
    const { clock, hands, crowd } = setUp()
    const ending = new AbortController()
    const calm = crowd.calm(ending.signal)
    await clock.advance(60_000)
    expect(hands.seen.filter(({ what, detail }) => what === 'air' && detail.startsWith('west')).length).toBeGreaterThan(
      200,
    )
    ending.abort()
    await calm
    const before = hands.seen.length
    await clock.advance(60_000)
    expect(hands.seen.length).toBe(before)
  })

  test('revokes a ticket in the cloud before it is shown, and does not come when the cloud is away', async () => {
    const shownAfter = async (revoke: (person: CrowdPerson) => Promise<void>) => {
      const { clock, hands, crowd } = setUp({ revoke })
      await through(clock, crowd.rush({ people: 400, minutes: 2, faster: 1 }, never()))
      return new Set(hands.seen.map(({ detail }) => detail.split(' ')[1]))
    }
    const revoked: CrowdPerson[] = []
    const shown = await shownAfter(async (person) => void revoked.push(person))
    expect(revoked.length).toBeGreaterThan(0)
    expect(revoked.every(({ ticket }) => shown.has(ticket))).toBe(true)
    const tried: CrowdPerson[] = []
    const away = await shownAfter((person) => (tried.push(person), Promise.reject(new Error('away'))))
    expect(tried.length).toBeGreaterThan(0)
    expect(tried.some(({ ticket }) => away.has(ticket))).toBe(false)
  })

  test('never tells a name, a ticket or an id', async () => {
    const { clock, crowd, story } = setUp({ revoke: async () => undefined })
    await through(clock, crowd.rush({ people: 300, minutes: 1, faster: 1 }, never()))
    expect(story.some((line) => /TICKET|GT1|SHOP|\bp\d+\b/.test(line))).toBe(false)
  })

  test('says when a gate serves nobody', async () => {
    const { hands, clock, story, ...rest } = setUp()
    hands.showPicture = async () => false
    await through(clock, rest.crowd.rush({ people: 300, minutes: 1, faster: 1 }, never()))
    expect(story.some((line) => line.endsWith('nobody is served at the moment'))).toBe(true)
  })
})
