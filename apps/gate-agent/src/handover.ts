/**
 * Who this gate is: its name, keys and the broker it belongs to, as the organizer's side handed them over. This is the one
 * place where that document is read; what comes out is typed and its keys are usable. A document that others on this machine
 * can read is refused, because whoever has it can speak as this gate.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Direction, EventId, GateId, OrgId } from '@gatehouse/domain'
import { publicKeyFromRaw } from '@gatehouse/protocol'
import { Failure } from '@gatehouse/runtime'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const HexSecret = Type.String({ pattern: '^([0-9a-f]{2}){16,64}$' })
const Pem = Type.String({ pattern: '^-----BEGIN ', maxLength: 16_384 })

const HandoverDocument = Type.Object({
  org: Uuid,
  gate: Uuid,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  event: Uuid,
  brokerUrl: Type.String({ pattern: '^mqtts?://', maxLength: 500 }),
  certificate: Type.Optional(Pem),
  privateKey: Type.Optional(Pem),
  ca: Type.Optional(Pem),
  signingKey: Pem,
  downlinkKey: Hex32,
  pepper: HexSecret,
  badgeKey: HexSecret,
  zone: Type.Optional(Type.String({ maxLength: 100 })),
  lane: Type.String({ minLength: 1, maxLength: 64 }),
  direction: Type.Union([Type.Literal('entry'), Type.Literal('exit'), Type.Literal('both')]),
})
const document = Compile(HandoverDocument)

export interface Handover {
  readonly org: OrgId
  readonly gate: GateId
  readonly event: EventId
  readonly name: string
  readonly zone?: string
  readonly lane: string
  readonly direction: Direction | 'both'
  readonly brokerUrl: string
  /** PEM texts of the connection; missing only with a broker on this machine without TLS. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly ca: string }
  readonly signingKey: KeyObject
  readonly downlinkKey: KeyObject
  readonly pepper: Uint8Array
  readonly badgeKey: Uint8Array
  /** Until when the broker will accept the certificate, Unix ms. */
  readonly certificateUntil?: number
}

/** Throws a `Failure` GH-CONFIG-002 that says what is wrong and where; the program then ends with 78. */
export function readHandover(path: string): Handover {
  const mode =
    attempt(`hand-over document ${path} is not there: pair this gate first`, () => statSync(path)).mode & 0o777
  if (mode & 0o077) {
    return refuse(
      `hand-over document ${path} has mode 0${mode.toString(8)}: others could read its keys, set it to 0600`,
    )
  }
  const text = attempt(`hand-over document ${path} cannot be read`, () => readFileSync(path, 'utf8'))
  return parseHandover(attempt(`hand-over document ${path} is not JSON`, () => JSON.parse(text) as unknown))
}

/** The wall between the file and the program. Unknown fields are ignored, so that a newer cloud may say more. */
export function parseHandover(value: unknown): Handover {
  if (!document.Check(value)) {
    const [first] = document.Errors(value)
    return refuse(`hand-over document: ${first?.instancePath || 'it'} ${first?.message ?? 'has the wrong shape'}`)
  }
  return trusted(value)
}

function trusted(given: Static<typeof HandoverDocument>): Handover {
  const tls = tlsOf(given)
  return {
    org: given.org as OrgId,
    gate: given.gate as GateId,
    event: given.event as EventId,
    name: given.name,
    ...(given.zone === undefined ? {} : { zone: given.zone }),
    lane: given.lane,
    direction: given.direction,
    brokerUrl: given.brokerUrl,
    ...tls,
    signingKey: ed25519(given.signingKey),
    downlinkKey: attempt('hand-over document: downlinkKey is not a key', () => publicKeyFromRaw(given.downlinkKey)),
    pepper: Buffer.from(given.pepper, 'hex'),
    badgeKey: Buffer.from(given.badgeKey, 'hex'),
  }
}

function tlsOf(given: Static<typeof HandoverDocument>): Pick<Handover, 'tls' | 'certificateUntil'> {
  const { certificate, privateKey, ca, brokerUrl } = given
  if (!brokerUrl.startsWith('mqtts:')) {
    if (isLoopback(new URL(brokerUrl).hostname)) return {}
    return refuse('hand-over document: brokerUrl has to be mqtts:// unless the broker runs on this machine')
  }
  if (!certificate || !privateKey || !ca)
    return refuse('hand-over document: certificate, privateKey and ca are needed for a brokerUrl with mqtts')
  const parsed = attempt('hand-over document: certificate is not readable', () => new X509Certificate(certificate))
  attempt('hand-over document: privateKey is not readable', () => createPrivateKey(privateKey))
  return { tls: { certificate, privateKey, ca }, certificateUntil: Date.parse(parsed.validTo) }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function ed25519(pem: string): KeyObject {
  const key = attempt('hand-over document: signingKey is not readable', () => createPrivateKey(pem))
  return key.asymmetricKeyType === 'ed25519' ? key : refuse('hand-over document: signingKey has to be an Ed25519 key')
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    return refuse(what, cause)
  }
}

function refuse(text: string, cause?: unknown): never {
  throw new Failure('GH-CONFIG-002', text, { cause })
}
