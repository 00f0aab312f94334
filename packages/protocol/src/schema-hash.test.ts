/** Nobody changes the wire by accident: the hash of all schemas is written down here, beside what to do when it changes. */
import { expect, test } from 'vitest'
import { SCHEMAS } from './catalogue.ts'
import { sha256Hex } from './crypto.ts'
import { canonicalJson, PROTOCOL_VERSION } from './index.ts'

const KNOWN = { version: 1, hash: '853ae836439b50ffc086eceeb8268b06b75a4706fdf421331f486e8d58e6289b' }

const WHAT_TO_DO = `
The schemas of the wire are not what they were. Decide which it is:
- A new optional field that older programs may ignore: stays in version ${KNOWN.version}. Note it in version.ts and docs/protocol.md,
  add it to a golden message, run packages/protocol/scripts/publish.ts, and write the new hash here.
- Anything else (a field removed, renamed, required, or with another type or meaning): a new version. Raise PROTOCOL_VERSION,
  keep understanding the old one, and say in version.ts what changed.
- Only a description changed: write the new hash here.
`

test('the schemas are those that the protocol version stands for', () => {
  expect({ version: PROTOCOL_VERSION, hash: sha256Hex(canonicalJson(SCHEMAS)) }, WHAT_TO_DO).toEqual(KNOWN)
})
