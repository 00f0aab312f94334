/**
 * The last wall: whatever was thrown while answering becomes a problem document. Faults of the caller are counted by code; ours
 * are logged with the request's id and answered without any detail of what broke.
 */
import type { Socket } from 'node:net'
import { type CounterMetric, describe, type Logger, type Metrics } from '@gatehouse/runtime'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { problemOf } from './bad-input.ts'
import { problemKinds } from './codes.ts'
import { Problem, problemDocument } from './problem.ts'

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.code === 'GH-API-014') reply.header('retry-after', '2')
  if (problem.code === 'GH-API-005') reply.header('www-authenticate', 'Bearer')
  return reply
    .code(problemKinds[problem.code].status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemDocument(problem.code, problem.extra)))
}

export function countRefusals(metrics: Metrics): CounterMetric {
  return metrics.counter('gatehouse_http_refused_total', 'Answers that were a problem document, by code', ['code'])
}

/** For what is no HTTP, or two requests in one: there is no request to answer, only a connection to end. */
export function refuseMalformed(error: Error & { code?: string }, socket: Socket, refused: CounterMetric): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  refused.add({ code: 'GH-API-015' })
  const body = JSON.stringify(problemDocument('GH-API-015'))
  const head = `HTTP/1.1 ${problemKinds['GH-API-015'].status} Bad Request\r\ncontent-type: application/problem+json; charset=utf-8`
  if (socket.writable)
    socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
  socket.destroy()
}

export function registerErrors(
  app: FastifyInstance,
  { logger, refused }: { logger: Logger; refused: CounterMetric },
): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error) ?? new Problem('GH-API-013', `Quote this id when you report it: ${request.id}`)
    refused.add({ code: problem.code })
    if (problem.code === 'GH-API-013')
      logger.error(
        { request: request.id, route: request.routeOptions.url, problem: describe(error), stack: stackOf(error) },
        'request failed',
      )
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler((_request, reply) => {
    refused.add({ code: 'GH-API-007' })
    return sendProblem(reply, new Problem('GH-API-007'))
  })
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}
