// The shape of API keys: what is refused without asking the database.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashSecret, isKey, isSameHash, isToken, keyPrefix, makeKey, makeToken } from './key.ts'

test('a new key has prefix, 32 random characters and a checksum, and is accepted', () => {
  const key = makeKey(randomBytes)
  expect(key).toMatch(/^gk_live_[0-9A-Za-z]{38}$/)
  expect(isKey(key)).toBe(true)
  expect(keyPrefix(key)).toBe(key.slice(0, 12))
})

test('one mistyped character is noticed without the database', () => {
  const key = makeKey(randomBytes)
  fc.assert(
    fc.property(fc.integer({ min: 8, max: key.length - 1 }), fc.constantFrom('0', 'A', 'z'), (at, letter) => {
      fc.pre(key[at] !== letter)
      return !isKey(key.slice(0, at) + letter + key.slice(at + 1))
    }),
  )
})

test('nothing else is a key or a token', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => !isKey(text)))
  expect(isToken(makeToken(randomBytes))).toBe(true)
  expect(isToken(makeKey(randomBytes))).toBe(false)
})

test('all 62 characters appear, none much more often than another', () => {
  const counts = new Map<string, number>()
  for (let n = 0; n < 1_000; n += 1)
    for (const letter of makeToken(randomBytes)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  const mean = 32_000 / 62
  expect(counts.size).toBe(62)
  for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.3)
})

test('hashes are compared by content', () => {
  expect(isSameHash(hashSecret('a'), hashSecret('a'))).toBe(true)
  expect(isSameHash(hashSecret('a'), hashSecret('b'))).toBe(false)
  expect(isSameHash(hashSecret('a'), new Uint8Array())).toBe(false)
})
