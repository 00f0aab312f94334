/**
 * What a visitor reads at the gate, in English. Each sentence names the next step and blames nobody; it is read from a metre
 * away by somebody with a queue behind them, so it is short.
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

const desk = 'Please go to the help desk.'
const staff = 'Please ask our staff.'

export const calendarEn: Calendar = {
  locale: 'en-GB',
  today: 'today',
  tomorrow: 'tomorrow',
  yesterday: 'yesterday',
  day: ({ weekday, day, month }) => `${weekday} ${day} ${month}`,
  dayAndTime: (day, time) => `${day}, ${time}`,
  timeToday: (time) => `at ${time}`,
}

const either = (names: readonly string[]) => new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(names)
const both = (names: readonly string[]) => new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names)

function whereTo(told: Told): string {
  const elsewhere = text(told, 'elsewhere')
  const gates = list(told, 'gates')
  if (elsewhere) return `Please go to ${elsewhere}.`
  return gates.length > 0 ? `Please go to ${either(gates)}.` : desk
}

const numbered = (amount: number, one: string, many: string) => `${amount} ${amount === 1 ? one : many}`
const span = (from: string | undefined, until: string | undefined) =>
  [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(' ')
const days = (told: Told) =>
  span(dayInWords(text(told, 'from'), calendarEn), dayInWords(text(told, 'until'), calendarEn))

export const phrasesEn: Phrases = {
  welcome: 'Welcome',
  goodbye: 'Goodbye',
  justAdmitted: 'Just admitted',
  oneMoment: 'One moment',
  check: (what) => `Check: ${what}`,
  someRule: `This ticket does not open here now. ${staff}`,
  reasons: {
    unknown: (told) =>
      text(told, 'via') === 'ble'
        ? 'This badge is not on the list. Please show your ticket.'
        : `This ticket is not on the list for this event. ${desk}`,
    unreadable: () => "This is not a ticket we can read. Please show your ticket's QR code.",
    'unknown-key': () => `We cannot tell who issued this ticket. ${desk}`,
    'bad-signature': () => `This ticket could not be confirmed. ${desk}`,
    'other-event': () => 'Ticket is for another event. Please show the one for this event.',
    cancelled: () => `This registration was cancelled. ${desk}`,
    blocked: () => `This entry is on hold. ${desk}`,
    revoked: (told) => {
      const what = text(told, 'of') === 'badge' ? 'badge' : 'ticket'
      const active = list(told, 'active')
      if (active.includes(what === 'badge' ? 'badge' : 'qr'))
        return `This ${what} was replaced. Please show the newer one.`
      return active.length > 0
        ? `This ${what} is no longer valid. Please show your ${what === 'badge' ? 'ticket' : 'badge'}.`
        : `This ${what} is no longer valid. ${desk}`
    },
    'not-yet-valid': (told) => `Ticket is for ${told.day('from') ?? 'a later time. Please come back then.'}`,
    expired: (told) => `Ticket was valid until ${told.day('until') ?? 'an earlier time'}. ${desk}`,
    'outside-hours': (told) => {
      const opens = told.at('opensAt')
      if (text(told, 'when') !== 'after') return opens ? `Doors open ${opens}.` : `The doors are not open now. ${staff}`
      return `Doors closed ${told.at('closesAt') ?? 'a while ago'}. ${staff}`
    },
    'wrong-zone': (told) => `This ticket does not include ${text(told, 'zone') ?? 'this area'}. ${whereTo(told)}`,
    'wrong-ticket-type': (told) => {
      const here = list(told, 'here')
      return `${here.length > 0 ? `This entrance is for ${both(here)}.` : 'This is not the entrance for this ticket.'} ${whereTo(told)}`
    },
    duplicate: (told) => `Already came in here ${told.at('lastAt') ?? 'just now'}. ${staff}`,
    'already-inside': (told) => {
      const gate = text(told, 'gate')
      return `Already inside, came in ${told.at('lastAt') ?? 'earlier'}${gate ? ` at ${gate}` : ''}. ${staff}`
    },
    'entries-used-up': (told) => {
      const allowed = count(told, 'allowed') ?? 1
      if (allowed === 1) return `Ticket was already used ${told.at('lastAt') ?? 'before'}. ${staff}`
      return allowed < 1
        ? `This ticket has no entries. ${staff}`
        : `All ${allowed} entries of this ticket are used. ${staff}`
    },
    full: (told) => {
      const place = text(told, 'zone') ?? 'The event'
      return told.asks
        ? `${place} is full. Our staff will find a way.`
        : `${place} is full. Please wait until somebody leaves.`
    },
    'clock-unknown': () => "Our staff will check this ticket's time.",
    'signed-unknown': ({ asks }) =>
      asks ? 'Our staff will look this ticket up.' : `This ticket is not on the list yet. ${desk}`,
    'badge-not-enough': (told) => `${text(told, 'zone') ?? 'This area'} needs a ticket too. Please show its QR code.`,
    'empty-roster': () => 'This gate does not have the whole list of participants yet. Our staff will help.',
    ambiguous: () => 'This fits more than one person. Our staff will help.',
    'not-paid': () => `Payment is still open. ${desk}`,
    'not-approved': () => `This registration is not confirmed yet. ${desk}`,
  },
  needs: {
    'time-of-day': (told) => `This ticket opens here ${span(text(told, 'from'), text(told, 'until'))}.`,
    weekday: (told) =>
      `This ticket opens here on ${both(list(told, 'weekdays').map((day) => weekdayName(day, 'en-GB')))}.`,
    date: (told) => `This ticket opens here ${days(told)}.`,
    'not-date': (told) => `This ticket does not open here ${days(told)}. ${staff}`,
    entries: (told) =>
      isOver(told) ? `All entries of this ticket are used. ${staff}` : 'Please come in through another entrance first.',
    'entries-today': (told) =>
      isOver(told)
        ? "Today's entries are used. Please come back tomorrow."
        : 'Please come in through another entrance first.',
    'days-entered': (told) =>
      isOver(told) ? `All days of this ticket are used. ${staff}` : `This ticket opens here on a later visit. ${staff}`,
    'entries-since': (told) =>
      isOver(told)
        ? `Already used since ${text(told, 'time') ?? 'then'} today. ${staff}`
        : 'Please come in through another entrance first.',
    'entries-before': (told) =>
      isOver(told)
        ? `This entrance is for those who had not come in before ${text(told, 'time') ?? 'then'}. ${staff}`
        : `This entrance is for those who came in before ${text(told, 'time') ?? 'then'}. ${staff}`,
    'minutes-since-first-entry': (told) => minutes(told, 'first came in'),
    'minutes-since-last-entry': (told) => minutes(told, 'came in'),
    inside: () => 'Please come in through the main entrance first.',
    outside: () => 'Please check out at an exit first.',
    gate: whereTo,
    'not-gate': () => 'Please use another gate.',
    zone: (told) =>
      list(told, 'zones').length > 0 ? `Please go to an entrance of ${either(list(told, 'zones'))}.` : desk,
    'not-zone': () => 'Please use the entrance of another area.',
    'ticket-type': (told) =>
      list(told, 'ticketTypes').length > 0 ? `Entry now is for ${both(list(told, 'ticketTypes'))}. ${staff}` : staff,
    'not-ticket-type': () => `Entry now is for other tickets. ${staff}`,
    'newer-software': () => 'Our staff will check this ticket.',
  },
}

function minutes(told: Told, since: string): string {
  const atLeast = count(told, 'atLeast')
  const have = count(told, 'have') ?? 0
  if (isOver(told) || atLeast === undefined) {
    return `The ${numbered(count(told, 'atMost') ?? 0, 'minute', 'minutes')} after you ${since} are over. ${staff}`
  }
  return `Please come back in ${numbered(Math.max(1, atLeast - have), 'minute', 'minutes')}.`
}
