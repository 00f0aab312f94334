/**
 * The 5,000 people of the demo venue: names in Korean and English, ticket types and zones, all from one seed. Nobody real.
 */
import type { Random } from '@gatehouse/runtime'

export interface NewPerson {
  readonly externalId: string
  readonly name: string
  readonly email: string
  readonly ticketType: 'day' | 'vip' | 'speaker'
  readonly zones: readonly string[]
  readonly entryPolicy: 'once' | 're-entry'
  readonly attention?: string
  readonly badge: boolean
}

const FAMILY_KO = '김이박최정강조윤장임한오서신권황안송류홍'
const GIVEN_KO = [
  '소영',
  '민준',
  '서연',
  '지우',
  '도윤',
  '하은',
  '시우',
  '수빈',
  '예준',
  '지민',
  '유진',
  '현우',
  '서현',
  '은지',
  '태윤',
  '나연',
]
const GIVEN_EN = [
  'Ada',
  'Ben',
  'Clara',
  'Daniel',
  'Elif',
  'Femi',
  'Grace',
  'Hugo',
  'Ines',
  'Jonas',
  'Kim',
  'Lena',
  'Mateo',
  'Nora',
  'Omar',
  'Priya',
]
const FAMILY_EN = [
  'Abbott',
  'Berg',
  'Costa',
  'Diaz',
  'Evans',
  'Fischer',
  'Garcia',
  'Hansen',
  'Ito',
  'Jensen',
  'Keller',
  'Lopez',
  'Moreau',
  'Novak',
]

function pick<T>(random: Random, list: ArrayLike<T>): T {
  return list[Math.floor(random() * list.length)] as T
}

function nameOf(random: Random): string {
  if (random() < 0.6) return pick(random, FAMILY_KO) + pick(random, GIVEN_KO)
  return `${pick(random, GIVEN_EN)} ${pick(random, FAMILY_EN)}`
}

function ticketOf(random: Random): Pick<NewPerson, 'ticketType' | 'zones'> {
  const draw = random()
  if (draw < 0.82) return { ticketType: 'day', zones: ['hall'] }
  return draw < 0.94
    ? { ticketType: 'vip', zones: ['hall', 'stage'] }
    : { ticketType: 'speaker', zones: ['hall', 'stage'] }
}

export function inventPeople(count: number, random: Random): NewPerson[] {
  return Array.from({ length: count }, (_, index) => ({
    externalId: `demo-${index + 1}`,
    name: nameOf(random),
    email: `visitor${index + 1}@example.org`,
    ...ticketOf(random),
    entryPolicy: random() < 0.1 ? ('once' as const) : ('re-entry' as const),
    ...(random() < 0.01 ? { attention: 'Headset at desk 4' } : {}),
    badge: random() < 0.4,
  }))
}
