// What staff type with a queue before them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameMatches, searchKey } from './index.ts'

describe('finds', () => {
  test.each([
    ['a part of the name', 'kim', 'Kim Soyeon'],
    ['without regard to case', 'KIM so', 'kim Soyeon'],
    ['words in any order', 'soy kim', 'Kim Soyeon'],
    ['a part in the middle', 'yeon', 'Kim Soyeon'],
    ['first and last name typed as one', 'kimso', 'Kim Soyeon'],
    ['without accents', 'jose nunez', 'José Núñez'],
    ['accents written in two ways', 'Jose\u0301', 'Jos\u00e9'],
    ['a Korean name', '김소영', '김소영'],
    ['a Korean name stored with a space', '김소영', '김 소영'],
    ['a given name alone', '소영', '김소영'],
    ['initial consonants', 'ㄱㅅㅇ', '김소영'],
    ['initial consonants that the keyboard joined', 'ㄳㅇ', '김소영'],
    ['initials of a part', 'ㅅㅇ', '김소영'],
    ['syllables and initials mixed', '김ㅅㅇ', '김소영'],
    ['a syllable that is not finished', '김소여', '김소영'],
    ['a syllable that already holds the next consonant', '김송', '김소영'],
    ['initials stored by another system', '\u1100\u1109', '김소영'],
    ['the first and the last of all syllables', 'ㄱㅎ', '가힣'],
    ['a doubled initial', 'ㅆㅇ', '쌍용'],
    ['letters that were decomposed on a Mac', '김소영'.normalize('NFD'), '김소영'],
  ])('%s', (_, query, name) => {
    expect(nameMatches(query, name)).toBe(true)
  })
})

describe('does not find', () => {
  test.each([
    ['anybody when nothing is typed', '  ', 'Kim Soyeon'],
    ['a word that is not there', 'kim lee', 'Kim Soyeon'],
    ['letters across two parts', 'ms', 'Kim Soyeon'],
    ['other initials', 'ㄱㅅㅂ', '김소영'],
    ['a single consonant for its double', 'ㅅㅇ', '쌍용'],
    ['an unfinished syllable in the middle', '기소영', '김소영'],
    ['the next vowel for an unfinished syllable', '소여', '소예'],
    ['an earlier vowel for an unfinished syllable', '소예', '소여'],
    ['another syllable with the same initial', '감소영', '김소영'],
    ['consonants in a Latin name', 'ㄱ', 'Kim'],
  ])('%s', (_, query, name) => {
    expect(nameMatches(query, name)).toBe(false)
  })
})

test('a key for a store has the name and its initials, both without spaces', () => {
  expect(searchKey('김 소영')).toEqual({ text: '김소영', initials: 'ㄱㅅㅇ' })
  expect(searchKey(' José  Kim ')).toEqual({ text: 'josekim', initials: 'josekim' })
})

test('every name is found by itself, by its initials and by any of its words, whatever is in it', () => {
  const syllable = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCodePoint(code))
  const word = fc.oneof(
    fc.array(syllable, { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
    fc.stringMatching(/^[a-zA-Z]{1,8}$/),
  )
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), (words) => {
      const name = words.join(' ')
      expect(nameMatches(name, name)).toBe(true)
      expect(nameMatches([...words].reverse().join(' '), name)).toBe(true)
      expect(nameMatches(searchKey(name).initials, name)).toBe(true)
    }),
  )
})

test('never throws, whatever is typed or stored', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (query, name) => {
      expect(typeof nameMatches(query, name)).toBe('boolean')
    }),
  )
  expect(nameMatches('a'.repeat(100_000), 'b'.repeat(100_000))).toBe(false)
})
