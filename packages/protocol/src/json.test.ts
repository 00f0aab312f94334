import { expect, test } from 'vitest'
import { readJsonObject } from './json.ts'
import { LIMITS } from './limits.ts'

const LINE_BYTES = 4_096
const nestedLists = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
const nestedObjects = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`

test('what is nested to the limit is read, one level more is refused', () => {
  for (const nested of [nestedLists, nestedObjects]) {
    expect(readJsonObject(nested(LIMITS.depth), LINE_BYTES).ok).toBe(true)
    const refusal = { ok: false, detail: 'nested too deeply' }
    expect(readJsonObject(nested(LIMITS.depth + 1), LINE_BYTES)).toMatchObject(refusal)
  }
})

test('brackets inside a text, or many beside each other, do not make it deep', () => {
  expect(readJsonObject(JSON.stringify({ a: '[{'.repeat(100) }), LINE_BYTES).ok).toBe(true)
  expect(readJsonObject(JSON.stringify({ a: Array.from({ length: 100 }, () => [{}]) }), LINE_BYTES).ok).toBe(true)
})
