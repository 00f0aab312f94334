/** A few people of a Spring Expo, as both servers would tell about them. Instants are those of 20 November 2026 in Seoul. */

/** 09:00 in Seoul, when the doors open. */
export const opensAt = Date.UTC(2026, 10, 20, 0, 0)
export const minute = 60_000

export const event = {
  id: '019a9f00-0000-7000-8000-00000000e001',
  name: 'Spring Expo',
  timeZone: 'Asia/Seoul',
  startsAt: opensAt,
  endsAt: opensAt + 9 * 60 * minute,
  capacity: null,
}

const id = (number: number) => `019a9f00-0000-7000-8000-${String(number).padStart(12, '0')}`

export const gates = [
  { id: id(901), name: 'East', lane: 'A', direction: 'entry' },
  { id: id(902), name: 'North', lane: 'A', direction: 'entry' },
  { id: id(903), name: 'West', lane: 'A', direction: 'both' },
] as const

function person(number: number, name: string, ticketType: string, more: object = {}) {
  return {
    id: id(number),
    name,
    email: `person${number}@example.org`,
    status: 'active',
    ticketType,
    zones: ['hall-a'],
    entryPolicy: 'once',
    ...more,
  }
}

export const people = [
  person(1, 'Kim Soyeon', 'day', {
    presence: {
      inside: true,
      entries: 1,
      lastAt: opensAt - 2 * minute,
      lastGate: gates[2].id,
      lastGateName: 'West',
      lastDirection: 'entry',
    },
  }),
  person(2, '김소영', 'vip', {
    entryPolicy: 'unlimited',
    zones: ['hall-a', 'hall-b'],
    attention: 'Needs a headset (desk 4)',
  }),
  person(3, 'Kim Sora', 'day', { status: 'cancelled' }),
  person(4, '김수아', 'day', {
    presence: {
      inside: false,
      entries: 1,
      lastAt: opensAt + 3 * minute,
      lastGate: gates[0].id,
      lastGateName: 'East',
      lastDirection: 'exit',
    },
  }),
  person(5, 'Alexandra Konstantinopoulou-Featherstonehaugh', 'speaker', { zones: ['hall-a', 'hall-b', 'stage'] }),
  person(6, '남궁민서', 'day'),
]

const initials = Array.from('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ')

function initialsOf(text: string): string {
  return Array.from(text)
    .map((char) => {
      const place = char.charCodeAt(0) - 0xac00
      return place >= 0 && place < 11_172 ? initials[Math.floor(place / 588)] : char
    })
    .join('')
}

export function findPeople(words: string) {
  const wanted = words.toLowerCase()
  return people.filter(({ name }) => name.toLowerCase().includes(wanted) || initialsOf(name).includes(wanted))
}
