/** Who a connection belongs to: certificate, client id and user name have to say the same gate, and the gate has to be one of ours. */
import { TLSSocket } from 'node:tls'
import type { GateId } from '@gatehouse/domain'
import { Failure } from '@gatehouse/runtime'
import type { Client } from 'aedes'
import type { GateDirectory, GateIdentity } from './ports.ts'

export interface AdmissionNeeds {
  readonly directory: GateDirectory
  /** Without TLS the client id is believed, and whoever reaches the port can be any gate. */
  readonly hasTls: boolean
}

/** Rejects with `Failure` GH-BROKER-001 to -004, which say who is refused, or with what the directory threw. */
export async function admit(
  client: Client,
  username: string | undefined,
  { directory, hasTls }: AdmissionNeeds,
): Promise<GateIdentity> {
  const gate = client.id as GateId
  if (username !== gate) throw new Failure('GH-BROKER-001', 'user name is not the client id')
  const certificate = client.conn instanceof TLSSocket ? client.conn.getPeerCertificate() : undefined
  if (hasTls && certificate?.subject?.CN !== gate) throw new Failure('GH-BROKER-002', 'certificate of another gate')
  const identity = await directory.find(gate)
  if (!identity) throw new Failure('GH-BROKER-003', 'unknown or revoked gate')
  if (hasTls && certificate?.serialNumber !== identity.certSerial)
    throw new Failure('GH-BROKER-004', 'certificate was replaced')
  return identity
}

const NOT_AUTHORIZED = 5
const UNAVAILABLE = 3

/** What is said on the wire: no more than whether to come again. */
export function refusalOf(error: Error): Error & { returnCode: number } {
  const returnCode = error instanceof Failure ? NOT_AUTHORIZED : UNAVAILABLE
  return Object.assign(new Failure('GH-BROKER-005', 'refused'), { returnCode })
}
