/**
 * Everything that says who is who: the root and the broker's certificate, the keys that sign what goes down to gates, the ticket keys
 * of events, and the hand-over of a new gate. Private keys lie in `data.dir/keys`; those of a gate are handed over once and kept
 * nowhere.
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { EventId, GateId, OrgId } from '@gatehouse/domain'
import { rawPublicKey, signDownlink, toHex } from '@gatehouse/protocol'
import { type Clock, Failure } from '@gatehouse/runtime'
import type { Connection } from '../db/pool.ts'
import type { TicketKeys } from '../roster/ports.ts'
import { type Authority as CertificateAuthority, issue, makeRoot } from './certificates.ts'
import { type KeyFiles, newKey, openKeyFiles } from './key-files.ts'

export interface AuthoritySettings {
  /** `data.dir/keys`. */
  readonly folder: string
  readonly clock: Clock
  readonly connection: Connection
  /** Names and addresses of the broker, besides those of this machine. */
  readonly hosts: readonly string[]
}

export interface BrokerIdentity {
  readonly certificate: string
  readonly key: string
  readonly root: string
}

export interface Authority {
  readonly broker: BrokerIdentity
  readonly ticketKeys: TicketKeys
  /** Signature of the organization over a header or small message on this topic, base64. */
  signDownlink(org: OrgId, topic: string, message: object): string
  /** Makes keys and a certificate for the gate, which from then on is the only one accepted. Throws `Failure` GH-GATES-001. */
  issueHandover(gate: GateId, brokerUrl: string): Promise<object>
}

const GATE_DAYS = 90
const SERVER_DAYS = 397
/** A server certificate with less left is made anew at the next start. */
const RENEW_BEFORE_MS = 60 * 86_400_000
const TICKET_KEY_ID = 1

export async function openAuthority(settings: AuthoritySettings): Promise<Authority> {
  const { clock, connection } = settings
  const files = openKeyFiles(settings.folder)
  const rootKey = files.key('root', 'p256')
  const root = await files.text('root.pem', () => makeRoot(rootKey, clock.now()))
  const certificates = { rootKey, root }
  const broker = await brokerIdentity(files, certificates, settings)
  const downlinkKey = (org: OrgId) => files.key(`downlink-${org}`, 'ed25519')

  return {
    broker,
    ticketKeys: ticketKeys(files),
    signDownlink: (org, topic, message) => signDownlink(downlinkKey(org), topic, message),
    async issueHandover(gate, brokerUrl) {
      const row = await readGate(connection, gate)
      const signing = createPrivateKey(newKey('ed25519'))
      const tls = createPrivateKey(newKey('p256'))
      const now = clock.now()
      const issued = await issue(certificates, { commonName: gate, key: tls, days: GATE_DAYS, now, use: 'client' })
      await connection.query({
        text: `UPDATE gates.gates SET signing_key = $2, cert_serial = $3, cert_not_after = $4, updated_at = now() WHERE id = $1`,
        values: [gate, Buffer.from(rawPublicKey(createPublicKey(signing))), issued.serial, issued.notAfter],
      })
      return {
        ...row,
        brokerUrl,
        certificate: issued.certificate,
        privateKey: pemOf(tls),
        ca: root,
        signingKey: pemOf(signing),
        downlinkKey: toHex(rawPublicKey(createPublicKey(downlinkKey(row.org)))),
      }
    },
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

async function brokerIdentity(
  files: KeyFiles,
  authority: CertificateAuthority,
  settings: AuthoritySettings,
): Promise<BrokerIdentity> {
  const key = files.key('broker', 'p256')
  const hosts = [...new Set(['localhost', '127.0.0.1', hostname().toLowerCase(), ...settings.hosts])]
  const now = settings.clock.now()
  const make = async () => {
    const issued = await issue(authority, {
      commonName: 'Gatehouse broker',
      key,
      days: SERVER_DAYS,
      now,
      use: 'server',
      hosts,
    })
    return issued.certificate
  }
  const path = join(files.folder, 'broker.pem')
  const present = existsSync(path) ? new X509Certificate(readFileSync(path)) : undefined
  if (present && !serves(present, hosts, now)) files.replace('broker.pem', await make())
  return { certificate: await files.text('broker.pem', make), key: pemOf(key), root: authority.root }
}

function serves(certificate: X509Certificate, hosts: readonly string[], now: number): boolean {
  const names = certificate.subjectAltName ?? ''
  const hasAll = hosts.every((host) => names.includes(host))
  return hasAll && Date.parse(certificate.validTo) - now > RENEW_BEFORE_MS
}

function ticketKeys(files: KeyFiles): TicketKeys {
  const keyOf = (event: EventId) => files.key(`ticket-${event}`, 'ed25519')
  return {
    ensure: async (event) => ({
      id: TICKET_KEY_ID,
      publicKey: Buffer.from(rawPublicKey(createPublicKey(keyOf(event)))).toString('base64'),
    }),
    signer: async (event) => ({ id: TICKET_KEY_ID, privateKey: keyOf(event) }),
  }
}

interface GateRow {
  readonly org: OrgId
  readonly gate: GateId
  readonly name: string
  readonly event: EventId
  readonly zone?: string
  readonly lane: string
  readonly direction: string
  readonly pepper: string
  readonly badgeKey: string
}

async function readGate(connection: Connection, gate: GateId): Promise<GateRow> {
  const { rows } = await connection.query<Omit<GateRow, 'zone'> & { zone: string | null; revoked: boolean }>({
    text: `SELECT g.org, g.id AS gate, g.name, g.event, g.zone, g.lane, g.direction, encode(e.pepper, 'hex') AS pepper,
        encode(e.badge_key, 'hex') AS "badgeKey", g.revoked_at IS NOT NULL AS revoked
      FROM gates.gates g JOIN events.events e ON e.id = g.event WHERE g.id = $1`,
    values: [gate],
  })
  const row = rows[0]
  if (!row) throw new Failure('GH-GATES-001', 'the gate does not exist or has no event')
  if (row.revoked) throw new Failure('GH-GATES-002', 'the gate was revoked; create a new one')
  const { zone, revoked: _revoked, ...rest } = row
  return zone === null ? rest : { ...rest, zone }
}
