/**
 * The only form in which a credential is known to a gate's disk and to the journal. It is a keyed hash with the event's
 * pepper: stable within the event, worthless outside it.
 */
import type { CredentialKey } from '@gatehouse/domain'
import { hmacSha256 } from './crypto.ts'
import { toHex } from './hex.ts'

/**
 * Kinds that stand in rosters are `qr` and `badge`. A decision without a credential has one of these instead, so that the
 * field is never missing: `participant` (found by name; canonical = participant id) and `unreadable` (canonical = the text).
 */
export type PseudonymKind = 'qr' | 'badge' | 'participant' | 'unreadable'

export function pseudonym(pepper: Uint8Array, kind: PseudonymKind, canonical: string): CredentialKey {
  return toHex(hmacSha256(pepper, `${kind}:${canonical}`).subarray(0, 16)) as CredentialKey
}
