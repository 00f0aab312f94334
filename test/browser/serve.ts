/**
 * The common part of the two stand-in servers: built files under the policy that the real servers send, JSON bodies in and out, a
 * free port. They answer what fixtures say; what the pages make of it is the test's business.
 */
import { readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Stricter than any real server of ours may be, so that a page which passes here passes there. */
const policy =
  "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: Buffer
  readonly json: () => Record<string, unknown>
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Returns true when it has answered. */
export type Route = (asked: Asked) => boolean

export function sendJson(response: ServerResponse, status: number, body: unknown): true {
  response.writeHead(status, {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(body))
  return true
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => resolve(Buffer.concat(parts)))
    request.on('error', reject)
  })
}

function sendFile(folder: string, path: string, response: ServerResponse): void {
  const file = join(folder, normalize(path))
  if (!file.startsWith(folder) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': policy,
  })
  response.end(readFileSync(file))
}

/** `pages` maps paths to files of the folder ("/desk" → "/desk.html"). */
export async function serve(
  folder: string,
  pages: Record<string, string>,
  route: Route,
): Promise<Server & { origin: string }> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = await readBody(request)
    const json = () => JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>
    if (route({ method: request.method ?? 'GET', url, body, json, request, response })) return
    sendFile(folder, pages[url.pathname] ?? url.pathname, response)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(server, { origin: `http://127.0.0.1:${port}` })
}
