/**
 * Reads test/fixtures/protocol for the tests of this package. `vectors.json` was made by an independent implementation; the
 * golden messages are frozen bytes, and a change to them is a change of the wire.
 */
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../test/fixtures/protocol/', import.meta.url)

interface Vectors {
  readonly event: string
  readonly gate: string
  readonly org: string
  readonly epoch: string
  readonly keys: Readonly<Record<string, string>>
  readonly ticket: {
    readonly keyId: number
    readonly ticketHex: string
    readonly class: number
    readonly flags: number
    readonly notBefore: number
    readonly notAfter: number
    readonly bodyHex: string
    readonly text: string
    readonly pseudonym: string
  }
  readonly badges: readonly [
    { readonly canonical: string; readonly pseudonym: string },
    {
      readonly badgeNumber: number
      readonly unixSec: number
      readonly idHex: string
      readonly manufacturerDataHex: string
    },
  ]
  readonly journal: {
    readonly lines: readonly [string, string, string]
    readonly heads: readonly [string, string, string]
    readonly sig: string
  }
  readonly roster: {
    readonly topic: string
    readonly header: Readonly<Record<string, unknown>>
    readonly lines: readonly string[]
    readonly root: string
    readonly nonZeroBuckets: Readonly<Record<string, string>>
  }
}

interface RefusedInput {
  readonly title: string
  readonly parser: string
  readonly text: string
  readonly code: string
}

export const vectors: Vectors = readJson('vectors.json')
export const refused: readonly RefusedInput[] = readJson('refused.json')
export const testKeys: { readonly downlinkPrivateSeedHex: string; readonly downlinkPublicRawHex: string } =
  readJson('keys.json')

export const goldenNames: readonly string[] = readdirSync(new URL('golden/', folder)).sort()

export function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`golden/${name}`, folder)))
}

/** One of the 32-byte keys of the vectors. */
export function keyHex(name: string): string {
  const hex = vectors.keys[name]
  if (!hex) throw new Error(`no key ${name} in the vectors`)
  return hex
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T
}
