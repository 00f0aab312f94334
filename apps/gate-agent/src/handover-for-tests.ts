/**
 * A gate's identity made by hand, for tests and benchmarks: the document as the organizer's side would hand it over, with a
 * broker that nobody answers at, and the keys of the other side so that a test can sign as the cloud.
 */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { privateKeyFromSeed, rawPublicKey } from '@gatehouse/protocol'

export interface MadeHandover {
  readonly document: Readonly<Record<string, unknown>>
  /** Signs feed pages and commands. */
  readonly downlink: KeyObject
  /** Signs tickets; key id 1. */
  readonly tickets: KeyObject
  readonly ticketKey: { readonly id: number; readonly publicKey: string }
}

/** `seed` makes the keys; the same seed gives the same gate. */
export function madeHandover(seed: string, given: Readonly<Record<string, unknown>> = {}): MadeHandover {
  const seedOf = (use: string) => createHash('sha256').update(`${seed} ${use}`).digest()
  const downlink = privateKeyFromSeed(seedOf('downlink'))
  const tickets = privateKeyFromSeed(seedOf('tickets'))
  const signing = generateKeyPairSync('ed25519').privateKey
  return {
    downlink,
    tickets,
    ticketKey: { id: 1, publicKey: Buffer.from(rawPublicKey(tickets)).toString('base64') },
    document: {
      org: '01990000-0000-7000-8000-000000000001',
      gate: '01990000-0000-7000-8000-00000000a001',
      name: 'North',
      event: '01990000-0000-7000-8000-00000000e001',
      brokerUrl: 'mqtt://127.0.0.1:9',
      signingKey: signing.export({ type: 'pkcs8', format: 'pem' }),
      downlinkKey: Buffer.from(rawPublicKey(downlink)).toString('hex'),
      pepper: seedOf('pepper').toString('hex'),
      badgeKey: seedOf('badges').toString('hex'),
      lane: 'a',
      direction: 'entry',
      ...given,
    },
  }
}
