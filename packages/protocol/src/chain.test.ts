import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chainHash, digestOf, GENESIS, toHex } from './index.ts'

test('a link is SHA-256 over the previous hash and the bytes of the line, given as text or as bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string({ unit: 'grapheme' }), (prev, line) => {
      const expected = createHash('sha256').update(prev).update(line).digest('hex')
      expect(toHex(chainHash(prev, line))).toBe(expected)
      expect(toHex(chainHash(prev, new TextEncoder().encode(line)))).toBe(expected)
    }),
  )
})

test('the genesis is 32 zero bytes, and a digest is half a hash', () => {
  expect(toHex(GENESIS)).toBe('0'.repeat(64))
  expect(createHash('sha256').update('김').digest('hex').startsWith(digestOf('김'))).toBe(true)
  expect(digestOf('김')).toHaveLength(32)
})
