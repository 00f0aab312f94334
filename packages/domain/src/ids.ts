/**
 * The identities that travel through the whole system. They are plain strings at run time; the brand keeps a gate's id from
 * being handed to something that wants a participant's. Whoever reads one from outside parses it first (protocol).
 */
declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type OrgId = Branded<'OrgId'>
export type EventId = Branded<'EventId'>
export type GateId = Branded<'GateId'>
export type ParticipantId = Branded<'ParticipantId'>
export type EpochId = Branded<'EpochId'>
/** Pseudonym of a credential: 32 hex digits; the only form in which a credential is ever stored at a gate. */
export type CredentialKey = Branded<'CredentialKey'>
