/**
 * From an answer to the two things a screen says about it: one word for the person, one sentence with the next step for staff.
 * The sentence is the domain's, so that the lane, the page and the log all say the same.
 */
import { answerOf, headline, sentence } from '@gatehouse/domain'
import { type Lang, type Meaning, reasonLabel } from '@gatehouse/ui'
import type { Answer, GateState, Person } from './gate-api.ts'
import { words } from './words.ts'

export interface AnswerWords {
  readonly meaning: Meaning
  /** Read from a metre away. */
  readonly word: string
  /** The next step, below it. */
  readonly detail?: string
}

function told({ decision, at }: Answer, lang: Lang, timeZone: string): readonly [string, string] {
  const reader = { timeZone, now: at }
  const large = headline(decision, lang, reader)
  const whole = sentence(decision, lang, reader)
  if (large !== whole) return [large, whole]
  // "Ticket is for another event. Please show …": what is so stands large, what to do next below it.
  const [first = whole, ...rest] = whole.split(/(?<=\.) /)
  return rest.length > 0 ? [first.replace(/\.$/, ''), rest.join(' ')] : [whole, '']
}

export function answerWords(answer: Answer, lang: Lang, timeZone = 'UTC'): AnswerWords {
  const meaning = answerOf(answer.decision)
  if (meaning === 'already' && answer.decision.direction === 'exit') return { meaning, word: words(lang).alreadyOut }
  const [word, detail] = told(answer, lang, timeZone)
  return detail ? { meaning, word, detail } : { meaning, word }
}

/** The answer in two or three words, for a list: the reason alone, or the word of the answer. */
export function shortWord(answer: Answer, lang: Lang): string {
  const { outcome, reason } = answer.decision
  return outcome !== 'admit' && reason ? reasonLabel(reason, lang) : answerWords(answer, lang).word
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
