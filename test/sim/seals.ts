/**
 * Signatures of a run: real Ed25519 in some seeds, and in the others a hash of the same bytes in the same 64-byte shape, which is
 * as good against mistakes (though not against attackers) and a hundred times as fast.
 */
import { hash } from 'node:crypto'
import {
  privateKeyFromSeed,
  publicKeyFromRaw,
  rawPublicKey,
  signDownlink,
  signHead,
  verifyDownlink,
  verifyHead,
} from '@gatehouse/protocol'

export interface Seals {
  signHead(gate: string, epoch: string, to: number, head: string): string
  verifyHead(gate: string, epoch: string, to: number, head: string, sig: string): boolean
  signPage(topic: string, header: object): string
  verifyPage(topic: string, header: object): boolean
}

export const cheapSeals: Seals = {
  signHead: (gate, epoch, to, head) => seal(`${gate} ${epoch} ${to} ${head}`),
  verifyHead: (gate, epoch, to, head, sig) => seal(`${gate} ${epoch} ${to} ${head}`) === sig,
  signPage: (topic, header) => seal(topic + JSON.stringify(header)),
  verifyPage(topic, header) {
    const { sig, ...rest } = header as { sig?: unknown }
    return seal(topic + JSON.stringify(rest)) === sig
  },
}

export function realSeals(): Seals {
  const gateKey = privateKeyFromSeed('07'.repeat(32))
  const gatePublic = publicKeyFromRaw(rawPublicKey(gateKey))
  const orgKey = privateKeyFromSeed('08'.repeat(32))
  const orgPublic = publicKeyFromRaw(rawPublicKey(orgKey))
  return {
    signHead: (_gate, epoch, to, head) => signHead(gateKey, epoch, to, head),
    verifyHead: (_gate, epoch, to, head, sig) => verifyHead(gatePublic, epoch, to, head, sig),
    signPage: (topic, header) => signDownlink(orgKey, topic, header),
    verifyPage: (topic, header) => verifyDownlink(orgPublic, topic, header),
  }
}

function seal(text: string): string {
  return hash('sha512', text, 'base64')
}
