// What the visitor reads: short, with the next step, in English and Korean.
import { describe, expect, test } from 'vitest'
import type { Decision, Lang, Reason } from './index.ts'
import { headline, sentence } from './index.ts'
import { phrasesEn } from './phrases-en.ts'
import { phrasesKo } from './phrases-ko.ts'

/** Friday 20 November 2026, 12:04 in Seoul. */
const now = Date.parse('2026-11-20T12:04:00+09:00')
const reader = { timeZone: 'Asia/Seoul', now }
const moment = (local: string) => Date.parse(`${local}+09:00`)

function refusal(
  reason: Reason,
  values: NonNullable<NonNullable<Decision['explanation']>['with']> = {},
  needs = 'x',
  outcome: 'deny' | 'ask' = 'deny',
): Decision {
  return { outcome, direction: 'entry', reason, rule: 'ADMIT-1', explanation: { needs, with: values } }
}
const both = (decision: Decision) => (['en', 'ko'] as const).map((lang: Lang) => sentence(decision, lang, reader))

describe('what is not a refusal', () => {
  test.each<[string, Decision, string, string]>([
    ['an admit', { outcome: 'admit', direction: 'entry' }, 'Welcome', '입장'],
    ['an exit', { outcome: 'admit', direction: 'exit' }, 'Goodbye', '퇴장'],
    ['a repetition', { outcome: 'admit', direction: 'entry', repeated: true }, 'Just admitted', '방금 입장'],
    [
      'something to notice',
      { outcome: 'admit', direction: 'entry', attention: 'headset' },
      'Check: headset',
      '확인: headset',
    ],
  ])('%s', (_, decision, en, ko) => {
    expect(both(decision)).toEqual([en, ko])
  })
})

describe('refusals', () => {
  test.each<[string, Decision, string, string]>([
    [
      'a ticket of tomorrow',
      refusal('not-yet-valid', { from: moment('2026-11-21T09:00:00') }),
      'Ticket is for tomorrow, 09:00',
      '내일 09:00부터 입장할 수 있는 티켓입니다.',
    ],
    [
      'a ticket of this afternoon',
      refusal('not-yet-valid', { from: moment('2026-11-20T14:00:00') }),
      'Ticket is for today, 14:00',
      '오늘 14:00부터 입장할 수 있는 티켓입니다.',
    ],
    [
      'a ticket of next week',
      refusal('not-yet-valid', { from: moment('2026-11-28T09:00:00') }),
      'Ticket is for Sat 28 Nov, 09:00',
      '11월 28일(토) 09:00부터 입장할 수 있는 티켓입니다.',
    ],
    [
      'a ticket of yesterday',
      refusal('expired', { until: moment('2026-11-19T18:00:00') }),
      'Ticket was valid until yesterday, 18:00. Please go to the help desk.',
      '어제 18:00에 사용 기간이 끝난 티켓입니다. 안내 데스크로 가 주세요.',
    ],
    [
      'too early',
      refusal('outside-hours', { when: 'before', opensAt: moment('2026-11-20T13:00:00') }),
      'Doors open at 13:00.',
      '오늘 13:00부터 입장할 수 있습니다.',
    ],
    [
      'too late',
      refusal('outside-hours', { when: 'after', closesAt: moment('2026-11-20T12:00:00') }),
      'Doors closed at 12:00. Please ask our staff.',
      '오늘 12:00에 입장이 마감되었습니다. 직원에게 말씀해 주세요.',
    ],
    [
      'another event',
      refusal('other-event'),
      'Ticket is for another event. Please show the one for this event.',
      '다른 행사의 티켓입니다. 이 행사의 티켓을 보여 주세요.',
    ],
    [
      'an advertisement for soup',
      refusal('unreadable'),
      "This is not a ticket we can read. Please show your ticket's QR code.",
      '읽을 수 없는 코드입니다. 티켓의 QR 코드를 보여 주세요.',
    ],
    [
      'the wrong entrance',
      refusal('wrong-ticket-type', { here: ['Speaker'], gates: ['North', 'East'] }),
      'This entrance is for Speaker. Please go to North or East.',
      'Speaker 전용 입구입니다. North, East 쪽으로 가 주세요.',
    ],
    [
      'the wrong zone',
      refusal('wrong-zone', { zone: 'Hall B', elsewhere: 'the north entrance' }),
      'This ticket does not include Hall B. Please go to the north entrance.',
      '이 티켓으로는 Hall B에 들어갈 수 없습니다. the north entrance 쪽으로 가 주세요.',
    ],
    [
      'used before',
      refusal('entries-used-up', { allowed: 1, lastAt: moment('2026-11-20T08:58:00') }),
      'Ticket was already used at 08:58. Please ask our staff.',
      '08:58에 이미 사용된 티켓입니다. 직원에게 말씀해 주세요.',
    ],
    [
      'inside',
      refusal('already-inside', { lastAt: moment('2026-11-20T08:58:00'), gate: 'North' }),
      'Already inside, came in at 08:58 at North. Please ask our staff.',
      '08:58에 North에서 이미 입장하셨습니다. 직원에게 말씀해 주세요.',
    ],
    [
      'replaced',
      refusal('revoked', { of: 'qr', active: ['qr'] }),
      'This ticket was replaced. Please show the newer one.',
      '새로 발급된 티켓을 보여 주세요.',
    ],
    [
      'replaced badge',
      refusal('revoked', { of: 'badge', active: ['badge'] }),
      'This badge was replaced. Please show the newer one.',
      '새로 발급된 배지를 보여 주세요.',
    ],
    [
      'a badge alone',
      refusal('badge-not-enough', { zone: 'Backstage' }),
      'Backstage needs a ticket too. Please show its QR code.',
      '배지만으로는 들어갈 수 없는 구역입니다. 티켓의 QR 코드를 보여 주세요.',
    ],
    [
      'full',
      refusal('full', { zone: 'Hall A' }),
      'Hall A is full. Please wait until somebody leaves.',
      'Hall A 정원이 찼습니다. 자리가 날 때까지 기다려 주세요.',
    ],
    [
      'a weekend ticket',
      refusal('rule', { weekdays: ['6', '7'] }, 'weekday'),
      'This ticket opens here on Sat and Sun.',
      '토·일요일에 입장할 수 있습니다.',
    ],
    [
      'a morning ticket',
      refusal('rule', { from: '09:00', until: '12:00' }, 'time-of-day'),
      'This ticket opens here from 09:00 until 12:00.',
      '09:00부터 12:00까지 입장할 수 있습니다.',
    ],
    [
      'a pause',
      refusal('rule', { atLeast: 30, have: 18 }, 'minutes-since-last-entry'),
      'Please come back in 12 minutes.',
      '12분 뒤에 다시 와 주세요.',
    ],
    [
      'a rule no more is known of',
      refusal('rule', {}, 'as-before'),
      'This ticket does not open here now. Please ask our staff.',
      '지금은 이 티켓으로 입장할 수 없습니다. 직원에게 말씀해 주세요.',
    ],
  ])('%s', (_, decision, en, ko) => {
    expect(both(decision)).toEqual([en, ko])
  })

  test('days are the event’s days, wherever the reader’s midnight is', () => {
    const decision = refusal('not-yet-valid', { from: Date.UTC(2026, 10, 21, 3) })
    expect(sentence(decision, 'en', { timeZone: 'America/New_York', now })).toBe('Ticket is for tomorrow, 22:00')
    expect(sentence(decision, 'en', { timeZone: 'UTC', now })).toBe('Ticket is for tomorrow, 03:00')
    expect(sentence(decision, 'en', reader)).toBe('Ticket is for tomorrow, 12:00')
  })
})

describe('asking', () => {
  test('the large word is calm, and the sentence says what staff will do', () => {
    const decision = refusal('full', { zone: 'Hall A' }, 'room', 'ask')
    expect([headline(decision, 'en', reader), headline(decision, 'ko', reader)]).toEqual(['One moment', '잠시만요'])
    expect(both(decision)).toEqual([
      'Hall A is full. Our staff will find a way.',
      'Hall A 정원이 찼습니다. 직원이 안내해 드리겠습니다.',
    ])
  })

  test('for everything else the large word is the sentence', () => {
    expect(headline(refusal('cancelled'), 'en', reader)).toBe(sentence(refusal('cancelled'), 'en', reader))
  })
})

const reasons = Object.keys(phrasesEn.reasons) as Reason[]
const needs = Object.keys(phrasesEn.needs)

test.each([...reasons.map((reason) => refusal(reason)), ...needs.map((need) => refusal('rule', {}, need))])(
  'is whole, short and without codes even when nothing else is known: $reason $explanation.needs',
  (decision) => {
    for (const said of both(decision)) {
      expect(said).toMatch(/\S.*\S/)
      expect(said).not.toMatch(/undefined|NaN|[A-Z]{3,}_|ADMIT|  /)
      expect(said.length).toBeLessThanOrEqual(100)
    }
  },
)

test('Korean sentences are Korean, and both languages have the same phrases', () => {
  expect(Object.keys(phrasesKo.reasons).sort()).toEqual([...reasons].sort())
  expect(Object.keys(phrasesKo.needs).sort()).toEqual([...needs].sort())
  for (const reason of reasons) {
    expect(sentence(refusal(reason), 'ko', reader).replaceAll('QR', '')).not.toMatch(/[A-Za-z]/)
  }
})
