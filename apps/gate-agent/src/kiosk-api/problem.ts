/**
 * How this API says no: RFC 9457 problem documents with a stable code, never a stack, and one counter per code. Whatever a
 * client sends ends here at the latest.
 */
import type { Socket } from 'node:net'
import { Failure, type Logger } from '@gatehouse/runtime'
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'

const PROBLEMS = {
  'GH-KIOSK-001': { status: 400, title: 'The request does not have the expected shape' },
  'GH-KIOSK-002': { status: 400, title: 'The body is not JSON' },
  'GH-KIOSK-003': { status: 413, title: 'The body is too large' },
  'GH-KIOSK-004': { status: 415, title: 'This type of body is not understood here' },
  'GH-KIOSK-005': { status: 404, title: 'There is nothing at this address' },
  'GH-KIOSK-006': { status: 403, title: 'This gate does not answer under that name' },
  'GH-KIOSK-007': { status: 403, title: 'Pages of other sites may not act at this gate' },
  'GH-KIOSK-008': { status: 422, title: 'No code was found in the picture' },
  'GH-KIOSK-009': { status: 409, title: 'There is no such admission to take back' },
  'GH-KIOSK-010': { status: 503, title: 'Too many pages listen already' },
  'GH-KIOSK-011': { status: 503, title: 'The gate cannot write its journal' },
  'GH-KIOSK-012': { status: 500, title: 'The gate could not answer' },
  'GH-KIOSK-013': { status: 400, title: 'The request is malformed' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

/** Thrown by a route that has to refuse. */
export class Refusal extends Error {
  readonly code: ProblemCode

  constructor(code: ProblemCode, detail?: string) {
    super(detail ?? PROBLEMS[code].title)
    this.name = 'Refusal'
    this.code = code
  }
}

const MALFORMED = 'GH-KIOSK-013'

function problemText(code: ProblemCode, detail: string): string {
  const { status, title } = PROBLEMS[code]
  return JSON.stringify({ type: `urn:gatehouse:problem:${code}`, title, status, code, detail })
}

/** For addresses that cannot even be compared with those of the routes. */
export function refuseUnroutable(
  error: Error,
  reply: FastifyReply,
  refused: (code: ProblemCode) => void,
): FastifyReply {
  refused(MALFORMED)
  const { status } = PROBLEMS[MALFORMED]
  return reply
    .code(status)
    .type('application/problem+json')
    .send(problemText(MALFORMED, error.message.slice(0, 200)))
}

/** For what is no HTTP, or two requests in one: there is no request to answer, only a connection to end. */
export function refuseMalformed(
  error: Error & { code?: string },
  socket: Socket,
  refused: (code: ProblemCode) => void,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  refused(MALFORMED)
  const body = problemText(MALFORMED, error.code ?? '')
  const head = `HTTP/1.1 ${PROBLEMS[MALFORMED].status} Bad Request\r\ncontent-type: application/problem+json`
  if (socket.writable)
    socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
  socket.destroy()
}

export function answerProblems(
  app: FastifyInstance,
  settings: { readonly logger: Pick<Logger, 'error'>; readonly refused: (code: ProblemCode) => void },
): void {
  const answer = (reply: FastifyReply, code: ProblemCode, detail: string) => {
    settings.refused(code)
    return reply.code(PROBLEMS[code].status).type('application/problem+json').send(problemText(code, detail))
  }
  app.setNotFoundHandler((request, reply) => answer(reply, 'GH-KIOSK-005', request.url.slice(0, 200)))
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const code = codeOf(error)
    const isOurs = code === 'GH-KIOSK-012' || code === 'GH-KIOSK-011'
    if (isOurs) settings.logger.error({ code, problem: error.message, stack: error.stack }, 'a request failed')
    return answer(reply, code, code === 'GH-KIOSK-012' ? 'see the log of the gate' : error.message)
  })
}

function codeOf(error: FastifyError | Refusal | Failure): ProblemCode {
  if (error instanceof Refusal) return error.code
  if (error instanceof Failure && error.code.startsWith('GH-STORE')) return 'GH-KIOSK-011'
  if ('validation' in error && error.validation) return 'GH-KIOSK-001'
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'GH-KIOSK-003'
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'GH-KIOSK-004'
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'GH-KIOSK-002'
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  // A body cut short, a broken content length: the client's doing, whatever the parser called it.
  return status !== undefined && status >= 400 && status < 500 ? 'GH-KIOSK-002' : 'GH-KIOSK-012'
}
