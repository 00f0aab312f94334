/**
 * Writes the schemas as JSON Schema under docs/schemas and the topics as AsyncAPI under docs/asyncapi.json. Run it after a
 * change of the wire (`node packages/protocol/scripts/publish.ts`); a test compares what is committed with what it would write.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publications } from './publications.ts'

const docs = new URL('../../../docs/', import.meta.url)

for (const [name, text] of publications()) {
  const path = fileURLToPath(new URL(name, docs))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
