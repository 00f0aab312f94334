/** What is published under docs/ is what the programs check. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DOWN_NAMES, FEED_NAMES, UP_NAMES } from '../src/index.ts'
import { publications } from './publications.ts'

const docs = new URL('../../../docs/', import.meta.url)

test.each([...publications()])('docs/%s is up to date (run packages/protocol/scripts/publish.ts)', (name, text) => {
  expect(readFileSync(new URL(name, docs), 'utf8')).toBe(text)
})

test('no schema is left over from an earlier version', () => {
  const published = readdirSync(new URL('schemas/', docs)).map((name) => `schemas/${name}`)
  expect(published.sort()).toEqual([...publications().keys()].filter((name) => name.startsWith('schemas/')).sort())
})

test('every topic is in the AsyncAPI document', () => {
  const { channels } = JSON.parse(publications().get('asyncapi.json') ?? '{}') as { channels: object }
  expect(Object.keys(channels).sort()).toEqual([...UP_NAMES, ...DOWN_NAMES, ...FEED_NAMES].sort())
})

test('every reference inside a schema leads somewhere', () => {
  for (const text of publications().values()) {
    const schema = JSON.parse(text) as { $defs?: object }
    expect(text.match(/"\$id"/g)?.length ?? 0).toBeLessThanOrEqual(1)
    for (const [, name] of text.matchAll(/"#\/\$defs\/([^"]+)"/g))
      expect(Object.keys(schema.$defs ?? {})).toContain(name)
  }
})
