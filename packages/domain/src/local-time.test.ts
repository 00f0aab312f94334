// The wall clock of the event against the platform's own calendar, in zones with every kind of offset.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localTime } from './index.ts'

const hour = 3_600_000
const zones = [
  'UTC',
  'Asia/Seoul',
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Chatham',
  'America/New_York',
]

function byPlatform(at: number, timeZone: string) {
  const options = {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    weekday: 'short',
  } as const
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', options).formatToParts(at).map(({ type, value }) => [type, value]),
  )
  return {
    date: `${parts.year}-${parts.month}-${parts.day}`,
    minute: Number(parts.hour) * 60 + Number(parts.minute),
    weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(String(parts.weekday)) + 1,
  }
}

const wholeMinute = ({ date, minute, weekday }: ReturnType<typeof localTime>) => ({
  date,
  minute: Math.floor(minute),
  weekday,
})

test('is what the platform’s calendar says, in every zone and season', () => {
  const year = 31_557_600_000
  fc.assert(
    fc.property(fc.integer({ min: 5 * year, max: 90 * year }), fc.constantFrom(...zones), (at, zone) => {
      expect(wholeMinute(localTime(at, zone))).toEqual(byPlatform(at, zone))
    }),
    { numRuns: 300 },
  )
})

test('is right on both sides of every change of the clocks in 2026', () => {
  let changes = 0
  for (const zone of zones) {
    const minuteAt = (at: number) => localTime(at, zone).minute
    const isChange = (at: number, ms: number) =>
      (minuteAt(at + ms) - minuteAt(at) + 1440) % 1440 !== (ms / 60_000) % 1440
    const days = Array.from({ length: 365 }, (_, index) => Date.UTC(2026, 0, 1 + index)).filter((at) =>
      isChange(at, 24 * hour),
    )
    const hours = days.flatMap((at) => Array.from({ length: 24 }, (_, index) => at + index * hour))
    for (const at of hours.filter((each) => isChange(each, hour))) {
      changes += 1
      for (let quarter = -1; quarter <= 5; quarter += 1) {
        for (const second of [-1, 0, 1]) {
          const near = at + quarter * 900_000 + second * 1000
          expect(wholeMinute(localTime(near, zone)), `${zone} ${near}`).toEqual(byPlatform(near, zone))
        }
      }
    }
  }
  // Berlin, St John's, Lord Howe, Chatham and New York, twice each.
  expect(changes).toBe(10)
})

test('reads what is no instant as an end of what it knows', () => {
  const first = localTime(0, 'UTC')
  expect(first).toEqual({ date: '1970-01-01', minute: 0, weekday: 4 })
  expect([Number.NaN, -1, Number.NEGATIVE_INFINITY].map((at) => localTime(at, 'UTC'))).toEqual([first, first, first])
  expect(localTime(Number.POSITIVE_INFINITY, 'UTC').date).toBe('9999-12-30')
})
