// ISO 8601 instants: complete, existing, with a zone.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseInstant } from './instant.ts'

test('every instant is read back from its own text', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
      (date) => parseInstant(date.toISOString()) === date.getTime(),
    ),
  )
})

test.each([
  ['2026-11-20T09:00:00+09:00', Date.UTC(2026, 10, 20)],
  ['2026-11-20T09:00:00+0900', Date.UTC(2026, 10, 20)],
  ['2026-11-20T00:00Z', Date.UTC(2026, 10, 20)],
  ['2024-02-29T00:00:00,5z', Date.UTC(2024, 1, 29, 0, 0, 0, 500)],
])('%s is taken', (text, ms) => {
  expect(parseInstant(text)).toBe(ms)
})

test.each([
  '2026-11-20',
  '2026-11-20T09:00:00',
  '2025-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-11-20T25:00:00Z',
  '2026-11-20T09:60:00Z',
  '20 Nov 2026',
  '1763596800',
  '-000001-01-01T00:00:00Z',
])('%s is refused', (text) => {
  expect(parseInstant(text)).toBeUndefined()
})

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      [undefined, 'number'].includes(typeof parseInstant(text) === 'number' ? 'number' : undefined),
    ),
  )
})
