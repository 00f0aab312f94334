import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addRow, bucketsFromHex, bucketsToHex, differingBuckets, emptyBuckets, removeRow, rootOf } from './index.ts'

const row = fc.record({ kind: fc.constantFrom('participant', 'rules'), id: fc.uuid(), line: fc.string() })

test('the order of rows does not matter, and removing a row undoes adding it', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), row, (rows, extra) => {
      const forward = emptyBuckets()
      const backward = emptyBuckets()
      for (const { kind, id, line } of [extra, ...rows]) addRow(forward, kind, id, line)
      for (const { kind, id, line } of rows.toReversed()) addRow(backward, kind, id, line)
      expect(rootOf(forward)).not.toBe(rootOf(backward))
      expect(differingBuckets(bucketsToHex(forward), bucketsToHex(backward))).toHaveLength(1)
      removeRow(forward, extra.kind, extra.id, extra.line)
      expect(forward).toEqual(backward)
    }),
    { numRuns: 50 },
  )
})

test('buckets wrap at 2^128 in both directions', () => {
  const buckets = emptyBuckets()
  removeRow(buckets, 'participant', 'a', 'line')
  expect(Math.max(...bucketsToHex(buckets).map((value) => value.length))).toBe(32)
  addRow(buckets, 'participant', 'a', 'line')
  expect(buckets).toEqual(emptyBuckets())
})

test('buckets survive being written as hex', () => {
  const buckets = emptyBuckets()
  for (let n = 0; n < 500; n += 1) addRow(buckets, 'participant', String(n), `line ${n}`)
  expect(bucketsFromHex(bucketsToHex(buckets))).toEqual(buckets)
})
