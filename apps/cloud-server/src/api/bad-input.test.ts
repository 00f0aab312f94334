// The second wall: what can be stored, and whose fault an error is.
import { Failure } from '@gatehouse/runtime'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isStorable, problemOf } from './bad-input.ts'
import { problemKinds } from './codes.ts'

test('ordinary JSON can be stored', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: fc.constantFrom('a', '김', '😀', ' ') }), (value) =>
      isStorable(value),
    ),
  )
})

test.each([
  ['NUL', { a: ['x\0y'] }],
  ['NUL in a name', { 'a\0': 1 }],
  ['half of a pair', { a: '\ud83d' }],
])('%s cannot be stored', (_what, value) => {
  expect(isStorable(value)).toBe(false)
})

test('a hundred thousand levels are refused without a stack overflow', () => {
  expect(isStorable(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe(false)
})

test.each([
  [{ code: '22P02' }, 'GH-API-001'],
  [{ code: '22021' }, 'GH-API-001'],
  [{ code: '23505' }, 'GH-API-010'],
  [{ code: '57P01' }, 'GH-API-014'],
  [{ code: 'ECONNREFUSED' }, 'GH-API-014'],
  [new Error('Connection terminated unexpectedly'), 'GH-API-014'],
  [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 'GH-API-004'],
  [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 'GH-API-003'],
  [{ statusCode: 429 }, 'GH-API-009'],
  [new Failure('GH-X-001', 'later', { waitingHelps: true }), 'GH-API-014'],
  [new Failure('GH-X-001', 'never'), undefined],
  [new SyntaxError('our own'), undefined],
  ['thrown text', undefined],
  [null, undefined],
])('%o becomes %s', (error, code) => {
  expect(problemOf(error)?.code).toBe(code)
})

test('every code has a status below 500 but the two that are ours', () => {
  const ours = Object.entries(problemKinds).filter(([, { status }]) => status >= 500)
  expect(ours.map(([code]) => code)).toEqual(['GH-API-013', 'GH-API-014'])
})
