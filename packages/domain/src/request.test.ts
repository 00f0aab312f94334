// The checks of `POST /attendance/record`, in their published order.
import { expect, test } from 'vitest'
import { type AttendanceRequest, judgeRequest } from './index.ts'

const hour = 3_600_000
const noon = Date.UTC(2026, 10, 20, 12)
const right: AttendanceRequest = {
  at: noon,
  participant: { status: 'active' },
  gate: { isActive: true },
  rules: { startsAt: noon - hour, endsAt: noon + hour },
}
const wrong = { participant: undefined, gate: undefined, at: noon + 9 * hour, nearestAt: noon + 9 * hour }

test.each([
  ['a participant that does not exist', wrong, 404, 'participant-not-found'],
  [
    'a participant that is not active',
    { ...wrong, participant: { status: 'cancelled' } },
    400,
    'participant-not-active',
  ],
  ['a gate that does not exist', { ...wrong, participant: { status: 'active' } }, 404, 'gate-not-found'],
  [
    'a gate that is not active',
    { ...wrong, participant: { status: 'active' }, gate: { isActive: false } },
    404,
    'gate-not-active',
  ],
  ['a time outside the hours', { at: wrong.at, nearestAt: wrong.at }, 400, 'outside-hours'],
  ['a record at the same gate within five minutes', { nearestAt: noon - 299_999 }, 409, 'duplicate'],
] as const)('%s is refused before what comes after it in the list', (_, given, status, code) => {
  expect(judgeRequest({ ...right, ...given })).toMatchObject({ ok: false, status, code })
})

test('an active participant at an active gate within hours is accepted', () => {
  expect(judgeRequest(right)).toEqual({ ok: true })
  expect(judgeRequest({ ...right, nearestAt: noon - 300_000 })).toEqual({ ok: true })
})

test.each([
  ['exactly an hour before the start', noon - 2 * hour, true],
  ['earlier', noon - 2 * hour - 1, false],
  ['exactly an hour after the end', noon + 2 * hour, true],
  ['later', noon + 2 * hour + 1, false],
  ['no time at all', Number.NaN, false],
])('%s', (_, at, ok) => {
  expect(judgeRequest({ ...right, at }).ok).toBe(ok)
})

test('the grace is the event’s, and an event without hours takes every time', () => {
  const strict = { startsAt: noon, endsAt: noon, graceSec: 0 }
  expect(judgeRequest({ ...right, at: noon + 1, rules: strict })).toEqual({
    ok: false,
    status: 400,
    code: 'outside-hours',
    opensAt: noon,
    closesAt: noon,
  })
  expect(judgeRequest({ ...right, at: 1, rules: {} })).toEqual({ ok: true })
})

test('a request that arrives late is a duplicate of a record shortly after it, too', () => {
  expect(judgeRequest({ ...right, nearestAt: noon + 60_000 })).toMatchObject({
    status: 409,
    recordedAt: noon + 60_000,
    windowSec: 300,
  })
})
