/**
 * What a visitor reads at the gate, in Korean: written for a Korean reader and not from the English. Names stand where no
 * particle has to follow their last sound.
 */
import {
  type Calendar,
  count,
  dayInWords,
  isOver,
  list,
  type Phrases,
  type Told,
  text,
  weekdayName,
} from './phrases.ts'

const desk = '안내 데스크로 가 주세요.'
const staff = '직원에게 말씀해 주세요.'

export const calendarKo: Calendar = {
  locale: 'ko-KR',
  today: '오늘',
  tomorrow: '내일',
  yesterday: '어제',
  day: ({ weekday, day, month }) => `${month} ${day}일(${weekday})`.replace('월월', '월').replace('일일', '일'),
  dayAndTime: (day, time) => `${day} ${time}`,
  timeToday: (time) => time,
}

function whereTo(told: Told): string {
  const elsewhere = text(told, 'elsewhere')
  const gates = list(told, 'gates')
  if (elsewhere) return `${elsewhere} 쪽으로 가 주세요.`
  return gates.length > 0 ? `${gates.join(', ')} 쪽으로 가 주세요.` : desk
}

const span = (from: string | undefined, until: string | undefined) =>
  [from && `${from}부터`, until && `${until}까지`].filter(Boolean).join(' ')
const days = (told: Told) =>
  span(dayInWords(text(told, 'from'), calendarKo), dayInWords(text(told, 'until'), calendarKo))
const elsewhereFirst = '다른 입구로 먼저 입장해 주세요.'

export const phrasesKo: Phrases = {
  welcome: '입장',
  goodbye: '퇴장',
  justAdmitted: '방금 입장',
  oneMoment: '잠시만요',
  check: (what) => `확인: ${what}`,
  someRule: `지금은 이 티켓으로 입장할 수 없습니다. ${staff}`,
  reasons: {
    unknown: (told) =>
      text(told, 'via') === 'ble'
        ? '명단에 없는 배지입니다. 티켓을 보여 주세요.'
        : `참가자 명단에 없는 티켓입니다. ${desk}`,
    unreadable: () => '읽을 수 없는 코드입니다. 티켓의 QR 코드를 보여 주세요.',
    'unknown-key': () => `발급처를 확인할 수 없는 티켓입니다. ${desk}`,
    'bad-signature': () => `확인되지 않는 티켓입니다. ${desk}`,
    'other-event': () => '다른 행사의 티켓입니다. 이 행사의 티켓을 보여 주세요.',
    cancelled: () => `취소된 등록입니다. ${desk}`,
    blocked: () => `입장이 보류되어 있습니다. ${desk}`,
    revoked: (told) => {
      const what = text(told, 'of') === 'badge' ? '배지' : '티켓'
      const active = list(told, 'active')
      if (active.includes(what === '배지' ? 'badge' : 'qr'))
        return `새로 발급된 ${what}${what === '배지' ? '를' : '을'} 보여 주세요.`
      return active.length > 0
        ? `더 이상 쓸 수 없는 ${what}입니다. ${what === '배지' ? '티켓을' : '배지를'} 보여 주세요.`
        : `더 이상 쓸 수 없는 ${what}입니다. ${desk}`
    },
    'not-yet-valid': (told) => {
      const from = told.day('from')
      return from ? `${from}부터 입장할 수 있는 티켓입니다.` : `아직 입장할 수 없는 티켓입니다. ${staff}`
    },
    expired: (told) => {
      const until = told.day('until')
      return `${until ? `${until}에 사용 기간이 끝난` : '사용 기간이 끝난'} 티켓입니다. ${desk}`
    },
    'outside-hours': (told) => {
      const opens = told.day('opensAt')
      if (text(told, 'when') !== 'after')
        return opens ? `${opens}부터 입장할 수 있습니다.` : `지금은 입장 시간이 아닙니다. ${staff}`
      const closed = told.day('closesAt')
      return `${closed ? `${closed}에 ` : ''}입장이 마감되었습니다. ${staff}`
    },
    'wrong-zone': (told) => `이 티켓으로는 ${text(told, 'zone') ?? '이 구역'}에 들어갈 수 없습니다. ${whereTo(told)}`,
    'wrong-ticket-type': (told) => {
      const here = list(told, 'here')
      return `${here.length > 0 ? `${here.join(', ')} 전용 입구입니다.` : '이 티켓의 입구가 아닙니다.'} ${whereTo(told)}`
    },
    duplicate: (told) =>
      `${told.at('lastAt') ? `${told.at('lastAt')}에` : '방금'} 이 입구로 이미 입장하셨습니다. ${staff}`,
    'already-inside': (told) => {
      const at = told.at('lastAt')
      const gate = text(told, 'gate')
      return `${at ? `${at}에 ` : ''}${gate ? `${gate}에서 ` : ''}이미 입장하셨습니다. ${staff}`
    },
    'entries-used-up': (told) => {
      const allowed = count(told, 'allowed') ?? 1
      if (allowed === 1) return `${told.at('lastAt') ? `${told.at('lastAt')}에 ` : ''}이미 사용된 티켓입니다. ${staff}`
      return allowed < 1
        ? `입장 횟수가 없는 티켓입니다. ${staff}`
        : `입장 횟수 ${allowed}회를 모두 사용했습니다. ${staff}`
    },
    full: (told) => {
      const place = text(told, 'zone') ?? '행사장'
      return told.asks
        ? `${place} 정원이 찼습니다. 직원이 안내해 드리겠습니다.`
        : `${place} 정원이 찼습니다. 자리가 날 때까지 기다려 주세요.`
    },
    'clock-unknown': () => '직원이 입장 시간을 확인해 드리겠습니다.',
    'signed-unknown': ({ asks }) =>
      asks ? '직원이 티켓을 확인해 드리겠습니다.' : `아직 명단에 없는 티켓입니다. ${desk}`,
    'badge-not-enough': () => '배지만으로는 들어갈 수 없는 구역입니다. 티켓의 QR 코드를 보여 주세요.',
    'empty-roster': () => '이 게이트에 참가자 명단이 아직 다 도착하지 않았습니다. 직원이 도와드리겠습니다.',
    ambiguous: () => '해당하는 분이 여러 명입니다. 직원이 도와드리겠습니다.',
    'not-paid': () => `결제가 끝나지 않은 등록입니다. ${desk}`,
    'not-approved': () => `아직 승인되지 않은 등록입니다. ${desk}`,
  },
  needs: {
    'time-of-day': (told) => `${span(text(told, 'from'), text(told, 'until'))} 입장할 수 있습니다.`,
    weekday: (told) =>
      `${list(told, 'weekdays')
        .map((day) => weekdayName(day, 'ko-KR'))
        .join('·')}요일에 입장할 수 있습니다.`,
    date: (told) => `${days(told)} 입장할 수 있습니다.`,
    'not-date': (told) => `${days(told)}는 입장할 수 없습니다. ${staff}`,
    entries: (told) => (isOver(told) ? `입장 횟수를 모두 사용했습니다. ${staff}` : elsewhereFirst),
    'entries-today': (told) =>
      isOver(told) ? '오늘 입장 횟수를 모두 사용했습니다. 내일 다시 와 주세요.' : elsewhereFirst,
    'days-entered': (told) =>
      isOver(told) ? `입장할 수 있는 날을 모두 사용했습니다. ${staff}` : `다음 방문부터 이용할 수 있습니다. ${staff}`,
    'entries-since': (told) =>
      isOver(told) ? `오늘 ${text(told, 'time') ?? ''} 이후 이미 입장하셨습니다. ${staff}` : elsewhereFirst,
    'entries-before': (told) =>
      `${text(told, 'time') ?? ''} 전에 ${isOver(told) ? '입장하지 않으신' : '입장하신'} 분을 위한 입구입니다. ${staff}`,
    'minutes-since-first-entry': (told) => minutes(told, '첫 입장'),
    'minutes-since-last-entry': (told) => minutes(told, '입장'),
    inside: () => '정문으로 먼저 입장해 주세요.',
    outside: () => '먼저 출구에서 퇴장 확인을 해 주세요.',
    gate: whereTo,
    'not-gate': () => '다른 입구를 이용해 주세요.',
    zone: (told) => (list(told, 'zones').length > 0 ? `${list(told, 'zones').join(', ')} 입구로 가 주세요.` : desk),
    'not-zone': () => '다른 구역의 입구를 이용해 주세요.',
    'ticket-type': (told) =>
      list(told, 'ticketTypes').length > 0
        ? `지금은 ${list(told, 'ticketTypes').join(', ')} 입장 시간입니다. ${staff}`
        : staff,
    'not-ticket-type': () => `지금은 다른 티켓의 입장 시간입니다. ${staff}`,
    'newer-software': () => '직원이 티켓을 확인해 드리겠습니다.',
  },
}

function minutes(told: Told, since: string): string {
  const atLeast = count(told, 'atLeast')
  const have = count(told, 'have') ?? 0
  if (isOver(told) || atLeast === undefined) return `${since} 후 ${count(told, 'atMost') ?? 0}분이 지났습니다. ${staff}`
  return `${Math.max(1, atLeast - have)}분 뒤에 다시 와 주세요.`
}
