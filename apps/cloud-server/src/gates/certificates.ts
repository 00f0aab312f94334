/**
 * The installation's own small certificate authority: one root, a certificate for the broker, one for each gate whose common name is
 * the gate's id. P-256 throughout, because some external brokers do not take Ed25519 certificates.
 */
// biome-ignore assist/source/organizeImports: it has to be there before the library is loaded
import './metadata.ts'
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface Issued {
  readonly certificate: string
  /** Hex, upper case without separators, as Node's TLS shows it. */
  readonly serial: string
  readonly notAfter: Date
}

const DAY_MS = 86_400_000
const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const

x509.cryptoProvider.set(webcrypto as unknown as Crypto)

/** Positive and without leading zeros, so that every reader shows the same digits. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

async function webKeys(key: KeyObject): Promise<CryptoKeyPair> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', pkcs8, KEY, true, ['sign']),
    webcrypto.subtle.importKey('spki', spki, KEY, true, ['verify']),
  ])
  return { privateKey, publicKey } as CryptoKeyPair
}

export async function makeRoot(key: KeyObject, now: number): Promise<string> {
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: 'CN=Gatehouse root',
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 3_650 * DAY_MS),
    signingAlgorithm: SIGNING,
    keys: await webKeys(key),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  return root.toString('pem')
}

export interface Authority {
  readonly rootKey: KeyObject
  readonly root: string
}

export interface CertificateFor {
  readonly commonName: string
  readonly key: KeyObject
  readonly days: number
  readonly now: number
  readonly use: 'server' | 'client'
  /** Names and addresses under which a server is reached. */
  readonly hosts?: readonly string[]
}

export async function issue({ rootKey, root }: Authority, wanted: CertificateFor): Promise<Issued> {
  const serial = newSerial()
  const notAfter = new Date(wanted.now + wanted.days * DAY_MS)
  const [subject, signer] = await Promise.all([webKeys(wanted.key), webKeys(rootKey)])
  const use = wanted.use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: `CN=${wanted.commonName}`,
    issuer: new x509.X509Certificate(root).subject,
    // A gate whose clock is a little slow must still be believed.
    notBefore: new Date(wanted.now - DAY_MS),
    notAfter,
    signingAlgorithm: SIGNING,
    publicKey: subject.publicKey,
    signingKey: signer.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([use]),
      ...namesOf(wanted.hosts ?? []),
    ],
  })
  return { certificate: certificate.toString('pem'), serial: serial.toUpperCase(), notAfter }
}

function namesOf(hosts: readonly string[]): x509.Extension[] {
  if (hosts.length === 0) return []
  const isAddress = (host: string) => /^[0-9.]+$/.test(host) || host.includes(':')
  return [
    new x509.SubjectAlternativeNameExtension(
      hosts.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
    ),
  ]
}
