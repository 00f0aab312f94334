/**
 * Private keys as files that only this account can read. A key is made once, when it is first asked for, and appears whole or not at
 * all: two processes that start at once end up with the same one.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '@gatehouse/runtime'

export type KeyKind = 'ed25519' | 'p256'

export interface KeyFiles {
  /** The key of that name, made when there is none yet. */
  key(name: string, kind: KeyKind): KeyObject
  /** A text that belongs to a key (a certificate), made when there is none yet. */
  text(name: string, make: () => Promise<string>): Promise<string>
  /** Replaces a text. */
  replace(name: string, text: string): void
  readonly folder: string
}

/** Throws `Failure` GH-KEYS-001 when others can read the keys. */
export function openKeyFiles(folder: string): KeyFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const keys = new Map<string, KeyObject>()

  function key(name: string, kind: KeyKind): KeyObject {
    const known = keys.get(name)
    if (known) return known
    const pem = readOr(`${name}.key`, () => newKey(kind))
    const made = createPrivateKey(pem)
    keys.set(name, made)
    return made
  }

  function readOr(name: string, make: () => string): string {
    const path = join(folder, name)
    if (!existsSync(path)) publish(path, make())
    return readPrivate(path)
  }

  return {
    folder,
    key,
    async text(name, make) {
      const path = join(folder, name)
      if (!existsSync(path)) publish(path, await make())
      return readPrivate(path)
    },
    replace(name, text) {
      const path = join(folder, name)
      if (existsSync(path)) unlinkSync(path)
      publish(path, text)
    },
  }
}

export function newKey(kind: KeyKind): string {
  const { privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** A link is made whole or fails because somebody else was first; either way the file is complete. */
function publish(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, text, { mode: 0o600 })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}

function readPrivate(path: string): string {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new Failure('GH-KEYS-001', `${path} can be read by others; set its mode to 0600`)
  }
  return readFileSync(path, 'utf8')
}
