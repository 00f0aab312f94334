/**
 * From an answer to the two things a screen says about it: one word for the person, one sentence with the next step for staff.
 * The sentence is the domain's, so that the lane, the page and the log all say the same.
 */
import { answerOf } from '@gatehouse/domain'
import { type Lang, type Meaning, reasonLabel } from '@gatehouse/ui'
import type { Answer, GateState, Person } from './gate-api.ts'
import { words } from './words.ts'

export interface AnswerWords {
  readonly meaning: Meaning
  readonly word: string
  readonly detail?: string
}

export function answerWords({ decision }: Answer, lang: Lang): AnswerWords {
  const meaning = answerOf(decision)
  const t = words(lang)
  const why = decision.reason ? reasonLabel(decision.reason, lang) : undefined
  switch (meaning) {
    case 'admit':
      return { meaning, word: t.admit }
    case 'look':
      return { meaning, word: t.check(decision.attention ?? '') }
    case 'already':
      return { meaning, word: decision.direction === 'exit' ? t.alreadyOut : t.already }
    case 'exit':
      return { meaning, word: t.exit }
    case 'ask':
      return { meaning, word: t.askStaff, ...(why ? { detail: why } : {}) }
    case 'deny':
      return { meaning, word: why ?? t.askStaff }
  }
}

/** "VIP · hall A · hall B" with the names the organizer gave, or the ids where there are none. */
export function ticketLine(person: Pick<Person, 'ticketType' | 'zones'>, state: GateState | undefined): string {
  const type = state?.event.ticketTypes?.[person.ticketType]?.name ?? person.ticketType
  const zones = person.zones.map((id) => state?.event.zones?.find((zone) => zone.id === id)?.name ?? id)
  return [type, ...zones].join(' · ')
}

export function viaWord(via: Answer['via'], lang: Lang): string {
  const t = words(lang)
  return { ble: t.viaBle, qr: t.viaQr, manual: t.viaManual }[via]
}
