/**
 * What the place does about a decision, as data: whether the door opens, whether presence is marked, and which of the six
 * answers light, sound and screen give. The lane performs it; nothing else may open a door.
 */
import type { Decision } from './decision.ts'

export type Answer = 'admit' | 'look' | 'already' | 'ask' | 'deny' | 'exit'

export interface Light {
  readonly colours: readonly ('green' | 'amber' | 'red' | 'blue')[]
  readonly mode: 'steady' | 'blink'
  readonly forMs: number
}

export type Sound = 'rising' | 'rising-low' | 'tick' | 'two-equal' | 'low' | 'falling'

export interface Screen {
  readonly answer: Answer
  readonly colour: 'green' | 'green-amber' | 'grey-green' | 'amber' | 'red' | 'blue'
  readonly shape: 'circle' | 'triangle' | 'octagon' | 'arrow'
  readonly sign: 'tick' | 'i' | '=' | '?' | 'bar' | 'out'
  /** Stays this long, or until the next answer. */
  readonly forMs: number
}

export interface Effects {
  /** Open the door, once. */
  readonly release: boolean
  /** Fold this passage into presence, in the same transaction as the journal entry. */
  readonly mark: boolean
  readonly light: Light
  readonly sound: Sound
  readonly screen: Screen
}

const forMs = 2500

/** The table "Meaning": colour is never the only sign. */
const meanings: Readonly<Record<Answer, Pick<Effects, 'light' | 'sound' | 'screen'>>> = {
  admit: {
    light: { colours: ['green'], mode: 'steady', forMs: 1000 },
    sound: 'rising',
    screen: { answer: 'admit', colour: 'green', shape: 'circle', sign: 'tick', forMs },
  },
  look: {
    light: { colours: ['green', 'amber'], mode: 'steady', forMs: 1000 },
    sound: 'rising-low',
    screen: { answer: 'look', colour: 'green-amber', shape: 'circle', sign: 'i', forMs },
  },
  already: {
    light: { colours: ['green'], mode: 'blink', forMs: 1000 },
    sound: 'tick',
    screen: { answer: 'already', colour: 'grey-green', shape: 'circle', sign: '=', forMs },
  },
  ask: {
    light: { colours: ['amber'], mode: 'steady', forMs: 2000 },
    sound: 'two-equal',
    screen: { answer: 'ask', colour: 'amber', shape: 'triangle', sign: '?', forMs },
  },
  deny: {
    light: { colours: ['red'], mode: 'steady', forMs: 2000 },
    sound: 'low',
    screen: { answer: 'deny', colour: 'red', shape: 'octagon', sign: 'bar', forMs },
  },
  exit: {
    light: { colours: ['blue'], mode: 'steady', forMs: 1000 },
    sound: 'falling',
    screen: { answer: 'exit', colour: 'blue', shape: 'arrow', sign: 'out', forMs },
  },
}

/** Which of the six answers a decision is. */
export function answerOf({ outcome, direction, repeated, attention }: Decision): Answer {
  if (outcome !== 'admit') return outcome
  if (repeated) return 'already'
  if (direction === 'exit') return 'exit'
  return attention === undefined ? 'admit' : 'look'
}

export function effectsOf(decision: Decision): Effects {
  const opens = decision.outcome === 'admit' && !decision.repeated
  return { release: opens, mark: opens && decision.participant !== undefined, ...meanings[answerOf(decision)] }
}
