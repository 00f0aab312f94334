/**
 * How staff find a person by typing a few letters: each row of the roster carries a folded form of its name in which the typed
 * words are looked for, and what was found is put in order. Korean names are also found by their initial consonants
 * ("ㄱㅅㅇ"), because that is how they are typed in a hurry.
 */
export const MAX_WORDS = 4

const FIRST_SYLLABLE = 0xac00
const LAST_SYLLABLE = 0xd7a3
const SYLLABLES_PER_INITIAL = 588
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'

/** Lower case without accents, the words alone, joined without spaces where the script has none, and the initials. */
export function foldName(name: string): string {
  const plain = fold(name)
  const initials = initialsOf(plain)
  return initials === '' ? plain : `${plain} ${plain.replaceAll(' ', '')} ${initials}`
}

/** The words that a search looks for; more than `MAX_WORDS` add nothing. */
export function wordsOf(typed: string): string[] {
  return fold(typed.slice(0, 100)).split(/\s+/).filter(Boolean).slice(0, MAX_WORDS)
}

/** A name that begins with what was typed comes before one that only contains it; then by name. */
export function rankNames<Person extends { readonly id: string; readonly name?: string }>(
  found: readonly Person[],
  typed: string,
  atMost: number,
): readonly Person[] {
  const [first = ''] = wordsOf(typed)
  const ranked = found.map((person) => ({ person, folded: foldName(person.name ?? ''), rank: 0 }))
  for (const entry of ranked) entry.rank = entry.folded.split(' ').some((word) => word.startsWith(first)) ? 0 : 1
  ranked.sort((a, b) => a.rank - b.rank || (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : 0))
  return ranked.slice(0, atMost).map(({ person }) => person)
}

function fold(text: string): string {
  // NFD takes accents off letters; Hangul is put together again, because it is compared by syllable. (NFKD would turn the typed
  // initials into other characters.)
  const bare = text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
  return bare.normalize('NFC').toLowerCase().trim()
}

function initialsOf(text: string): string {
  let initials = ''
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0
    if (code < FIRST_SYLLABLE || code > LAST_SYLLABLE) continue
    initials += INITIALS[Math.floor((code - FIRST_SYLLABLE) / SYLLABLES_PER_INITIAL)]
  }
  return initials
}
