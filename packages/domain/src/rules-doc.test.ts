// docs/rules.md is what organizers and support read; it says what the code does, rule by rule and example by example.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { admissionRules, validateCondition } from './index.ts'

const doc = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8')
const source = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')
const rows = doc.split('\n').filter((line) => line.startsWith('| ADMIT-'))

test('the table has every rule once, in order, with its sentence', () => {
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, 3)
      .map((cell) => cell.trim()),
  )
  expect(cells).toEqual(admissionRules.map(({ id, says }) => [id, says]))
})

test('the document names no rule that does not exist', () => {
  const known = new Set<string>(admissionRules.map(({ id }) => id))
  expect([...doc.matchAll(/ADMIT-\d+/g)].map(([id]) => id).filter((id) => !known.has(id))).toEqual([])
})

test('every reason and every need that a rule can give is in the table', () => {
  const files = ['identity', 'time', 'place', 'entry', 'condition'].map((name) => source(`./${name}-rules.ts`))
  const given = files.flatMap((text) => [
    ...text.matchAll(/(?:deny|ask|outOfTime|unreadableBecause)\((?:facts, )?'([a-z-]+)', '([a-z-]+)'/g),
  ])
  expect(given.length).toBeGreaterThan(20)
  for (const [, reason, need] of given) {
    if (need === 'newer-software') continue
    expect(doc).toContain(`\`${reason}\``)
    expect(doc).toContain(`\`${need}\``)
  }
})

test('every condition of the language is described, and every example may be written', () => {
  const language = source('./validate-condition.ts')
  const leaves = [
    ...language.slice(language.indexOf('const leaves'), language.indexOf('function checkOf')).matchAll(/^ {2}(\w+):/gm),
  ]
  expect(leaves.length).toBe(14)
  for (const [, leaf] of leaves) expect(doc).toContain(`{"${leaf}":`)
  const examples = [...doc.matchAll(/```json\n([^`]+)```/g)].map(([, text]) => JSON.parse(text ?? ''))
  expect(examples.length).toBeGreaterThanOrEqual(5)
  for (const example of examples) expect(validateCondition(example)).toEqual({ ok: true, value: example })
})
