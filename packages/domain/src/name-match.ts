/**
 * Finding a person by what staff manage to type with a queue before them: any part of the name, words in any order, and for
 * Korean names the initial consonants alone (ㄱㅅㅇ finds 김소영) or a syllable that is not finished yet (소여 finds 소영).
 */
const initials = Array.from('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ')

/** Keyboards join two consonants typed in a row into one sign; for us they are two initials again. */
const joined: Readonly<Record<string, string>> = {
  ㄳ: 'ㄱㅅ',
  ㄵ: 'ㄴㅈ',
  ㄶ: 'ㄴㅎ',
  ㄺ: 'ㄹㄱ',
  ㄻ: 'ㄹㅁ',
  ㄼ: 'ㄹㅂ',
  ㄽ: 'ㄹㅅ',
  ㄾ: 'ㄹㅌ',
  ㄿ: 'ㄹㅍ',
  ㅀ: 'ㄹㅎ',
  ㅄ: 'ㅂㅅ',
}

const firstSyllable = 0xac00
const lastSyllable = 0xd7a3
const syllablesPerInitial = 588
const finalsPerVowel = 28
const nameLength = 256
const queryLength = 64
const wordsAtMost = 8

function syllableIndex(char: string): number | undefined {
  const code = char.codePointAt(0) ?? 0
  return code >= firstSyllable && code <= lastSyllable ? code - firstSyllable : undefined
}

/** Lower case, one way of writing each character, accents of Latin letters left out, single spaces. */
function folded(text: string, length: number): string {
  const plain = text
    .slice(0, length)
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
  // Stray conjoining initials, as some systems store them, read like the typed ones.
  const typed = plain.replace(/[\u1100-\u1112]/g, (jamo) => initials[(jamo.codePointAt(0) ?? 0) - 0x1100] ?? jamo)
  return typed.toLowerCase().replace(/\s+/g, ' ').trim()
}

/** 김소영 → ㄱㅅㅇ; everything that is no Korean syllable stays. */
function initialsOf(text: string): string {
  return Array.from(text, (char) => {
    const index = syllableIndex(char)
    return index === undefined ? char : (initials[Math.floor(index / syllablesPerInitial)] ?? char)
  }).join('')
}

/** What a store may keep beside a name to find it by: both without spaces. */
export function searchKey(name: string): { readonly text: string; readonly initials: string } {
  const text = folded(name, nameLength).replaceAll(' ', '')
  return { text, initials: initialsOf(text) }
}

function isSameSign(asked: string, has: string, isLast: boolean): boolean {
  if (asked === has) return true
  const hasIndex = syllableIndex(has)
  if (hasIndex === undefined) return false
  const askedIndex = syllableIndex(asked)
  if (askedIndex === undefined) return asked === initials[Math.floor(hasIndex / syllablesPerInitial)]
  const isOpen = askedIndex % finalsPerVowel === 0
  return isLast && isOpen && hasIndex - askedIndex > 0 && hasIndex - askedIndex < finalsPerVowel
}

/** What a final consonant becomes when it turns out to begin the next syllable; '' where none can. */
const finals = [
  '',
  'ㄱ',
  'ㄲ',
  '',
  'ㄴ',
  '',
  '',
  'ㄷ',
  'ㄹ',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  'ㅁ',
  'ㅂ',
  '',
  'ㅅ',
  'ㅆ',
  'ㅇ',
  'ㅈ',
  'ㅊ',
  'ㅋ',
  'ㅌ',
  'ㅍ',
  'ㅎ',
]

/** 송 on the way to 소영: while it is typed, the next syllable's consonant sits under the last one. */
function unfinished(word: string): string {
  const last = word.at(-1) ?? ''
  const index = syllableIndex(last)
  const final = index === undefined ? '' : (finals[index % finalsPerVowel] ?? '')
  if (index === undefined || final === '') return word
  return word.slice(0, -1) + String.fromCodePoint(firstSyllable + index - (index % finalsPerVowel)) + final
}

function begins(name: readonly string[], word: readonly string[], start: number): boolean {
  return word.every((asked, offset) => {
    const has = name[start + offset]
    return has !== undefined && isSameSign(asked, has, offset === word.length - 1)
  })
}

/** Anywhere within a part of the name; across parts only from the beginning of one, so that "ms" does not find "Kim So". */
function contains(parts: readonly string[], word: readonly string[]): boolean {
  return parts.some((part, index) => {
    const letters = Array.from(part)
    if (letters.some((_, start) => begins(letters, word, start))) return true
    return begins(Array.from(parts.slice(index).join('')), word, 0)
  })
}

/** Whether all words of the query are in the name. Nothing typed finds nobody. */
export function nameMatches(query: string, name: string): boolean {
  const words = folded(query, queryLength)
    .replace(/[ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]/g, (sign) => joined[sign] ?? sign)
    .split(' ')
    .filter((word) => word !== '')
  const parts = folded(name, nameLength).split(' ')
  const isThere = (word: string) => contains(parts, Array.from(word)) || contains(parts, Array.from(unfinished(word)))
  return words.length > 0 && words.slice(0, wordsAtMost).every(isThere)
}
