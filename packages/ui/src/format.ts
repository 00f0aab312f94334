/**
 * Numbers and times as people read them. Times are always those of the event's zone, whatever the reader's clock says, and the
 * zone is named when the two differ; a screen that is not live says from when its numbers are, with these same functions.
 */
import type { Lang } from './i18n.ts'

export interface Format {
  /** "09:05". */
  readonly time: (at: number) => string
  /** "09:05:31". */
  readonly timeSec: (at: number) => string
  /** "09:05" today, "19 Nov 09:05" on another day. */
  readonly when: (at: number, now: number) => string
  /** "Fri 20 Nov". */
  readonly day: (at: number) => string
  readonly number: (value: number) => string
  readonly percent: (share: number) => string
  /** Name of the event's zone at that instant, or nothing when the reader's clock shows the same time. */
  readonly zone: (at: number) => string | undefined
}

const tags: Record<Lang, string> = { en: 'en-GB', ko: 'ko-KR' }

function safeZone(timeZone: string | undefined): string | undefined {
  if (!timeZone) return undefined
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return timeZone
  } catch {
    return undefined
  }
}

/** An unknown zone name falls back to the reader's own, since a page that shows no time at all helps nobody. */
export function createFormat(lang: Lang, wantedZone?: string): Format {
  const tag = tags[lang]
  const timeZone = safeZone(wantedZone)
  const options = (more: Intl.DateTimeFormatOptions): Intl.DateTimeFormatOptions => ({
    ...more,
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  })
  const clock = new Intl.DateTimeFormat(tag, options({ hour: '2-digit', minute: '2-digit' }))
  const clockSec = new Intl.DateTimeFormat(tag, options({ hour: '2-digit', minute: '2-digit', second: '2-digit' }))
  const day = new Intl.DateTimeFormat(tag, options({ weekday: 'short', day: 'numeric', month: 'short' }))
  const date = new Intl.DateTimeFormat(tag, options({ day: 'numeric', month: 'short' }))
  const zoneName = new Intl.DateTimeFormat(tag, options({ timeZoneName: 'short' }))
  const local = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', day: 'numeric', hourCycle: 'h23' })
  const there = new Intl.DateTimeFormat(tag, options({ hour: '2-digit', minute: '2-digit', day: 'numeric' }))
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 })
  const share = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 })

  return {
    time: (at) => clock.format(at),
    timeSec: (at) => clockSec.format(at),
    when: (at, now) =>
      date.format(at) === date.format(now) ? clock.format(at) : `${date.format(at)} ${clock.format(at)}`,
    day: (at) => day.format(at),
    number: (value) => whole.format(value),
    percent: (value) => share.format(value),
    zone: (at) => {
      if (!timeZone || local.format(at) === there.format(at)) return undefined
      return zoneName.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value
    },
  }
}

/** "4:10" for 250,000 ms; from an hour on "1:04:10". Never negative. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'))
  const hours = Math.floor(seconds / 3600)
  const text = parts.join(':')
  return hours > 0 ? `${hours}:${text}` : text.replace(/^0(?=\d)/, '')
}

/** A span of time in words, its two largest units at most: "3 min 10 s", "2 h 5 min", "3분 10초". */
export function span(ms: number, lang: Lang): string {
  const units = lang === 'ko' ? ['일 ', '시간 ', '분 ', '초 '] : [' d ', ' h ', ' min ', ' s ']
  const seconds = Math.max(0, Math.round(ms / 1000))
  const counts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
  const first = counts.findIndex((count) => count > 0)
  if (first < 0) return `0${units[3]}`.trim()
  return counts
    .slice(first, first + 2)
    .map((count, offset) => (count > 0 ? `${count}${units[first + offset]}` : ''))
    .join('')
    .trim()
}
