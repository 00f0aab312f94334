// The table "Meaning": one answer, one light, one sound, one shape.
import { expect, test } from 'vitest'
import { type Decision, effectsOf } from './index.ts'

const admit: Decision = {
  outcome: 'admit',
  direction: 'entry',
  participant: 'p' as NonNullable<Decision['participant']>,
}
const refused = { reason: 'unknown', rule: 'ADMIT-12', explanation: { needs: 'registration' } } as const

test.each([
  ['an admit opens, marks and is green with a tick', admit, true, true, 'admit', 'green', 'circle', 'tick', 'rising'],
  [
    'an admit to look at opens and has an amber band',
    { ...admit, attention: 'headset' },
    true,
    true,
    'look',
    'green-amber',
    'circle',
    'i',
    'rising-low',
  ],
  [
    'an answer given again opens nothing',
    { ...admit, repeated: true },
    false,
    false,
    'already',
    'grey-green',
    'circle',
    '=',
    'tick',
  ],
  [
    'an exit opens, marks and is blue with an arrow',
    { ...admit, direction: 'exit' },
    true,
    true,
    'exit',
    'blue',
    'arrow',
    'out',
    'falling',
  ],
  [
    'asking staff opens nothing',
    { ...admit, ...refused, outcome: 'ask' },
    false,
    false,
    'ask',
    'amber',
    'triangle',
    '?',
    'two-equal',
  ],
  [
    'a denial opens nothing and is red',
    { ...admit, ...refused, outcome: 'deny' },
    false,
    false,
    'deny',
    'red',
    'octagon',
    'bar',
    'low',
  ],
  [
    'a denial given again stays a denial',
    { ...admit, ...refused, outcome: 'deny', repeated: true },
    false,
    false,
    'deny',
    'red',
    'octagon',
    'bar',
    'low',
  ],
  [
    'an admit of somebody unknown opens but marks nobody',
    { outcome: 'admit', direction: 'entry', flags: ['signed-unknown'] },
    true,
    false,
    'admit',
    'green',
    'circle',
    'tick',
    'rising',
  ],
] as const)('%s', (_, decision, release, mark, answer, colour, shape, sign, sound) => {
  const effects = effectsOf(decision)
  expect(effects).toMatchObject({ release, mark, sound, screen: { answer, colour, shape, sign } })
})

test('no two answers share their shape and sign, so that nobody has to see colours', () => {
  const decisions: Decision[] = [
    admit,
    { ...admit, attention: 'x' },
    { ...admit, repeated: true },
    { ...admit, direction: 'exit' },
    { ...admit, ...refused, outcome: 'ask' },
    { ...admit, ...refused, outcome: 'deny' },
  ]
  const screens = decisions.map((decision) => effectsOf(decision).screen)
  expect(new Set(screens.map(({ shape, sign }) => `${shape} ${sign}`)).size).toBe(decisions.length)
  expect(new Set(screens.map(({ colour }) => colour)).size).toBe(decisions.length)
})
