/**
 * How the roster is searched by a few typed letters. Beside each row stands what SQLite can scan quickly: the name reduced to
 * initial consonants (for scripts without them it is the name itself). That finds too many rather than too few; whether a
 * name truly matches is the domain's word, the same at every desk.
 */
import { nameMatches, searchKey } from '@gatehouse/domain'

export const MAX_WORDS = 4

/** What is kept beside a row. */
export function foldPerson({ name = '', id }: { readonly name?: string; readonly id: string }): string {
  return `${searchKey(name).initials} ${id}`
}

/** What the scan looks for; more than `MAX_WORDS` narrow nothing. */
export function wordsOf(typed: string): string[] {
  const words = typed.slice(0, 64).split(/\s+/).slice(0, MAX_WORDS)
  return words.map((word) => searchKey(word).initials).filter((word) => word !== '')
}

/** Those that do match: first whose name begins with what was typed, then by name. */
export function rankPeople<Person extends { readonly id: string; readonly name?: string }>(
  found: readonly Person[],
  typed: string,
  atMost: number,
): readonly Person[] {
  const start = searchKey(typed).text
  return found
    .filter((person) => nameMatches(typed, person.name ?? '') || person.id.includes(typed.trim().toLowerCase()))
    .map((person) => ({ person, key: searchKey(person.name ?? '').text }))
    .sort((a, b) => rank(a.key, start) - rank(b.key, start) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .slice(0, atMost)
    .map(({ person }) => person)
}

function rank(name: string, start: string): number {
  return name.startsWith(start) ? 0 : 1
}
