/**
 * HTTP as a rogue speaks it: any bytes over a socket, or a request that the ordinary client would not send. What comes back is checked
 * for the one shape that every refusal has.
 */
import { connect } from 'node:net'
import { expect } from 'vitest'

export interface Answered {
  readonly status: number
  readonly type: string
  readonly headers: Headers
  readonly text: string
}

const WITHIN_MS = 20_000

export async function ask(url: string, request: RequestInit = {}): Promise<Answered> {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(WITHIN_MS), ...request })
  const { status, headers } = answer
  return { status, type: headers.get('content-type') ?? '', headers, text: await answer.text() }
}

/** Writes these bytes and reads until the other side hangs up; undefined when it said nothing. */
export async function askRaw(base: string, bytes: string | Uint8Array): Promise<Answered | undefined> {
  const { hostname, port } = new URL(base)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => void chunks.push(chunk)).on('error', () => undefined)
  socket.setTimeout(WITHIN_MS, () => socket.destroy())
  socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  // An error closes it too.
  await new Promise((resolve) => socket.once('close', resolve))
  return parsed(Buffer.concat(chunks).toString('latin1'))
}

/** Only the first answer: a second one would mean that something was smuggled, and stays visible in the text. */
function parsed(text: string): Answered | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? []
  if (!status) return undefined
  const [head = '', ...body] = text.split('\r\n\r\n')
  const headers = new Headers(
    head
      .split('\r\n')
      .slice(1)
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(status), type: headers.get('content-type') ?? '', headers, text: body.join('\r\n\r\n') }
}

/** A problem document with a stable code, of the caller's fault, that tells nothing about our insides. */
export function expectProblem(answered: Answered | undefined, status?: number, code?: string): void {
  const what = JSON.stringify(answered)?.slice(0, 400)
  expect(answered?.type, what).toContain('application/problem+json')
  const said = answered?.status ?? 0
  expect(said >= 400 && said < 500, what).toBe(true)
  const problem = JSON.parse(answered?.text ?? '{}') as { status?: number; code?: string; title?: string }
  expect(problem, what).toMatchObject({ status: said, code: expect.stringMatching(/^GH-(API|KIOSK)-\d{3}$/) })
  expect(answered?.text).not.toMatch(/node_modules|\.ts:\d|\bat [A-Za-z.]+ \(|postgres|SELECT|syntax error/i)
  if (status !== undefined) expect(said, what).toBe(status)
  if (code !== undefined) expect(problem.code, what).toBe(code)
}

/** Requests that no honest client writes. Paths and hosts are filled in by the caller. */
export function malformedRequests(host: string, path: string): readonly (readonly [string, string])[] {
  const head = `Host: ${host}\r\n`
  return [
    [
      'both lengths',
      `POST ${path} HTTP/1.1\r\n${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /readyz HTTP/1.1\r\n${head}\r\n`,
    ],
    ['two lengths', `POST ${path} HTTP/1.1\r\n${head}Content-Length: 2\r\nContent-Length: 44\r\n\r\n{}`],
    ['a negative length', `POST ${path} HTTP/1.1\r\n${head}Content-Length: -1\r\n\r\n{}`],
    ['a hidden transfer encoding', `POST ${path} HTTP/1.1\r\n${head}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
    ['a bad chunk', `POST ${path} HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a header of 100 KB', `GET ${path} HTTP/1.1\r\n${head}X: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['a path of 100 KB', `GET ${path}${'x'.repeat(100_000)} HTTP/1.1\r\n${head}\r\n`],
    ['a method of its own', `HACK ${path} HTTP/1.1\r\n${head}\r\n`],
    ['a space in a header name', `GET ${path} HTTP/1.1\r\n${head}Bad Name: 1\r\n\r\n`],
    ['NUL in a header', `GET ${path} HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an MQTT CONNECT', '\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd'],
  ]
}

/** Node itself answers this one, before anybody can give it a shape. */
export async function expectHostNeeded(base: string, path: string): Promise<void> {
  expect((await askRaw(base, `GET ${path} HTTP/1.1\r\n\r\n`))?.status).toBe(400)
}
