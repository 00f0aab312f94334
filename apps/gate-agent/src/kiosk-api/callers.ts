/**
 * Who may talk to the local API. It has no login of its own yet and trusts the machine it runs on, so it must not be reachable
 * by detours: a web page elsewhere that lets a name of its own point here (DNS rebinding) calls under that name and is
 * refused, and one that posts across sites says so in its Origin header.
 */
import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Refusal } from './problem.ts'

const LOCAL = ['localhost', '127.0.0.1', '::1']

export function admitCallers(app: FastifyInstance, names: readonly string[]): void {
  const known = new Set([...LOCAL, ...names.map((name) => name.toLowerCase())])
  // An address in figures cannot be pointed elsewhere by anybody, so a tablet may call this machine by its address.
  const isKnown = (host: string) => known.has(host) || isIP(host) !== 0
  app.addHook('onRequest', async (request) => {
    const host = hostOf(request.headers.host ?? '')
    if (!isKnown(host)) throw new Refusal('GH-KIOSK-006', host === '' ? 'no Host header' : host)
    const { origin } = request.headers
    if (request.method === 'GET' || request.method === 'HEAD' || origin === undefined) return
    if (originHost(origin) !== request.headers.host) throw new Refusal('GH-KIOSK-007')
  })
}

/** Without the port, lower case, without the brackets of IPv6. */
function hostOf(header: string): string {
  const bare = header.toLowerCase().replace(/:\d{1,5}$/, '')
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
