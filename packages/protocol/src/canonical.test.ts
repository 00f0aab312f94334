import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './index.ts'

test('the example of RFC 8785 is written as in RFC 8785', () => {
  const value = {
    numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]') as unknown,
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('keys are ordered by UTF-16 units, as RFC 8785 shows', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
  const order = [...canonicalJson(value).matchAll(/:(\d)/g)].map(([, digit]) => Number(digit))
  expect(order).toEqual([2, 4, 6, 7, 1, 5, 3])
})

test('the order in which fields were set does not matter, and undefined ones are left out', () => {
  expect(canonicalJson({ b: 1, a: { d: undefined, c: -0 } })).toBe('{"a":{"c":0},"b":1}')
})

test('what is read back is what was written, and writing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      const text = canonicalJson(value)
      expect(canonicalJson(JSON.parse(text))).toBe(text)
      expect(JSON.stringify(JSON.parse(text))).toHaveLength(JSON.stringify(value).length)
    }),
  )
})

test('values without a canonical form throw', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  for (const value of [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    '\ud800',
    { '\udc00': 1 },
    undefined,
    [undefined],
    loop,
  ]) {
    expect(() => canonicalJson(value)).toThrow()
  }
})
