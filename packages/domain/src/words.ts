/**
 * A decision as one short sentence in the reader's language: what is so, and what to do next. Screens, pages and printouts all
 * take their words from here, so the visitor and the member of staff read the same thing.
 */
import type { Decision, Reason } from './decision.ts'
import { answerOf } from './effects.ts'
import { own } from './judgement.ts'
import { type Calendar, type Lang, momentsOf, type Phrases, type Told } from './phrases.ts'
import { calendarEn, phrasesEn } from './phrases-en.ts'
import { calendarKo, phrasesKo } from './phrases-ko.ts'

export interface Reader {
  /** IANA zone of the event. */
  readonly timeZone: string
  /** Unix ms; days are said as seen from here. */
  readonly now: number
}

const languages: Readonly<Record<Lang, { readonly phrases: Phrases; readonly calendar: Calendar }>> = {
  en: { phrases: phrasesEn, calendar: calendarEn },
  ko: { phrases: phrasesKo, calendar: calendarKo },
}

function toldOf({ outcome, explanation }: Decision, calendar: Calendar, { timeZone, now }: Reader): Told {
  const values = explanation?.with ?? {}
  const moment = momentsOf(calendar, timeZone, now)
  const say = (nameToday: boolean) => (name: string) => {
    const at = values[name]
    return typeof at === 'number' ? moment(at, nameToday) : undefined
  }
  return { asks: outcome === 'ask', values, day: say(true), at: say(false) }
}

function refusalInWords(decision: Decision, reason: Reason, phrases: Phrases, told: Told): string {
  if (reason !== 'rule') return phrases.reasons[reason](told)
  return own(phrases.needs, decision.explanation?.needs ?? '')?.(told) ?? phrases.someRule
}

/** "Ticket is for tomorrow, 09:00"; "Welcome"; "Check: needs a headset". */
export function sentence(decision: Decision, lang: Lang, reader: Reader): string {
  const { phrases, calendar } = languages[lang]
  switch (answerOf(decision)) {
    case 'admit':
      return phrases.welcome
    case 'look':
      return phrases.check(decision.attention ?? '')
    case 'already':
      return phrases.justAdmitted
    case 'exit':
      return phrases.goodbye
    case 'ask':
    case 'deny':
      return refusalInWords(decision, decision.reason ?? 'rule', phrases, toldOf(decision, calendar, reader))
  }
}

/** The large word: the sentence itself, but "One moment" where staff are asked (the sentence then stands below it). */
export function headline(decision: Decision, lang: Lang, reader: Reader): string {
  return decision.outcome === 'ask' ? languages[lang].phrases.oneMoment : sentence(decision, lang, reader)
}
