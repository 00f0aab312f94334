/**
 * Reasons in two or three words, for lists where one line per scan is all the room there is. The full sentence with its next step
 * comes from the domain's own words; here a reason that is not known yet is shown as it came rather than hidden.
 */
import type { Lang } from './i18n.ts'

const en: Record<string, string> = {
  unknown: 'not on the list',
  unreadable: 'unreadable code',
  'unknown-key': 'ticket key not known',
  'bad-signature': 'ticket is not genuine',
  'other-event': 'ticket of another event',
  cancelled: 'registration cancelled',
  blocked: 'blocked by the organizer',
  revoked: 'ticket withdrawn',
  'not-yet-valid': 'not valid yet',
  expired: 'no longer valid',
  'outside-hours': 'outside opening hours',
  'wrong-zone': 'other area',
  'wrong-ticket-type': 'other entrance',
  duplicate: 'came in a moment ago',
  'already-inside': 'already inside',
  'entries-used-up': 'entries used up',
  rule: 'entry rule',
  full: 'full',
  'clock-unknown': 'gate clock not set',
  'signed-unknown': 'genuine, not on the list yet',
  'badge-not-enough': 'badge alone is not enough',
  'empty-roster': 'gate has no list yet',
  ambiguous: 'several people match',
  'not-paid': 'not paid',
  'not-approved': 'not approved',
}

const ko: Record<string, string> = {
  unknown: '명단에 없음',
  unreadable: '읽을 수 없는 코드',
  'unknown-key': '확인할 수 없는 티켓',
  'bad-signature': '진본이 아닌 티켓',
  'other-event': '다른 행사 티켓',
  cancelled: '등록 취소됨',
  blocked: '주최 측 입장 제한',
  revoked: '회수된 티켓',
  'not-yet-valid': '아직 유효하지 않음',
  expired: '유효 기간 지남',
  'outside-hours': '운영 시간 아님',
  'wrong-zone': '다른 구역',
  'wrong-ticket-type': '다른 입구',
  duplicate: '방금 입장함',
  'already-inside': '이미 입장 중',
  'entries-used-up': '입장 횟수 소진',
  rule: '입장 규칙',
  full: '만원',
  'clock-unknown': '게이트 시계 미설정',
  'signed-unknown': '진본, 명단 반영 전',
  'badge-not-enough': '배지만으로는 입장 불가',
  'empty-roster': '게이트에 명단 없음',
  ambiguous: '여러 명이 일치',
  'not-paid': '미결제',
  'not-approved': '미승인',
}

export function reasonLabel(reason: string, lang: Lang): string {
  return (lang === 'ko' ? ko : en)[reason] ?? reason
}
