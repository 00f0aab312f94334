/**
 * A hand scanner that types: it looks like a very fast keyboard. Wherever the focus is, a ticket that is typed faster than a
 * person can and begins with `GT1:` is taken out of the keystrokes and handed on as one reading; everything slower stays typing.
 */

/** Scanners send a key every few milliseconds; the fastest typists need some 60 ms for one. */
const maxGapMs = 45
const maxChars = 200
const prefix = 'GT1:'
/** Tickets of other shops have no prefix; they are believed outside fields only, at this length or more. */
const minOpaqueChars = 16

export interface Wedge {
  readonly text: string
  readonly at: number
}

export const quietWedge: Wedge = { text: '', at: Number.NEGATIVE_INFINITY }

export interface Stroke {
  /** The character, 'Enter', or '' for a key that types nothing. */
  readonly char: string
  readonly at: number
  readonly inField: boolean
}

export interface Heard {
  readonly wedge: Wedge
  /** The key belongs to the scanner: keep it away from whatever has the focus. */
  readonly swallow: boolean
  /** The prefix has just been completed: this many characters of it already stand in the field. */
  readonly takeBack?: number
  readonly ticket?: string
}

function isTicket(text: string, inField: boolean): boolean {
  if (text.startsWith(prefix)) return text.length > prefix.length
  return !inField && text.length >= minOpaqueChars
}

export function hearStroke(wedge: Wedge, { char, at, inField }: Stroke): Heard {
  if (char === '') return { wedge, swallow: false }
  const text = at - wedge.at <= maxGapMs ? wedge.text : ''
  if (char === 'Enter') {
    return isTicket(text, inField)
      ? { wedge: quietWedge, swallow: true, ticket: text }
      : { wedge: quietWedge, swallow: false }
  }
  if (text.length >= maxChars) return { wedge: { text, at }, swallow: text.startsWith(prefix) }
  const longer = text + char
  const heard = { wedge: { text: longer, at }, swallow: longer.startsWith(prefix) }
  return longer === prefix && inField ? { ...heard, takeBack: prefix.length - 1 } : heard
}

/**
 * The ASCII character behind a key. With a Korean input method switched on the browser reports the key as `Process`, so that
 * the place on the keyboard has to tell; tickets know only capitals, digits and the colon.
 */
export function charOf({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  if (key === 'Enter' || code === 'Enter' || code === 'NumpadEnter') return 'Enter'
  if (key.length === 1 && key >= ' ' && key <= '~') return key
  if (/^Key[A-Z]$/.test(code)) return code.slice(3)
  if (/^(Digit|Numpad)\d$/.test(code)) return code.slice(-1)
  return code === 'Semicolon' && shiftKey ? ':' : ''
}
