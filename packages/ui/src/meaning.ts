/**
 * The six things an answer can mean to somebody at a gate. Colour, shape, sound and word all follow from this one function, so
 * that they can never contradict each other.
 */
export type Meaning = 'admit' | 'look' | 'already' | 'ask' | 'deny' | 'exit'

/** The part of a decision that the meaning depends on. */
export interface Answered {
  readonly outcome: 'admit' | 'deny' | 'ask'
  readonly direction: 'entry' | 'exit'
  readonly repeated?: boolean | undefined
  readonly attention?: string | undefined
}

export function meaningOf({ outcome, direction, repeated, attention }: Answered): Meaning {
  if (outcome === 'deny') return 'deny'
  if (outcome === 'ask') return 'ask'
  if (repeated) return 'already'
  if (direction === 'exit') return 'exit'
  return attention ? 'look' : 'admit'
}
