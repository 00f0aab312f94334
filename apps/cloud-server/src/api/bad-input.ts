/**
 * Turns whatever went wrong while a request was read or stored into a problem of the caller, or says that it is not one. The
 * schemas refuse nearly everything before; this is the second wall, so that no input of anybody's becomes a 5xx.
 */
import { Failure } from '@gatehouse/runtime'
import type { FastifyError } from 'fastify'
import { RulesTooLarge } from '../events/rules-size.ts'
import { type FieldProblem, Problem } from './problem.ts'

/** Deeper JSON than this is nobody's rule or device description. */
const MAX_DEPTH = 32

/** Text that JSON can carry and PostgreSQL cannot store: NUL and lone surrogates, in values or names. */
export function isStorable(value: unknown): boolean {
  const rest: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  for (let item = rest.pop(); item; item = rest.pop()) {
    if (item.depth > MAX_DEPTH) return false
    if (typeof item.value === 'string' && !isCleanText(item.value)) return false
    if (typeof item.value !== 'object' || item.value === null) continue
    const depth = item.depth + 1
    for (const [name, child] of Object.entries(item.value)) {
      if (!isCleanText(name)) return false
      rest.push({ value: child, depth })
    }
  }
  return true
}

function isCleanText(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

interface Thrown {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly validation?: FastifyError['validation']
  readonly validationContext?: string
}

/** The problem that an error of Fastify, of validation or of PostgreSQL stands for; undefined when it is our own fault. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof RulesTooLarge) return new Problem('GH-API-203', error.message, { bytes: error.bytes })
  if (typeof error !== 'object' || error === null) return undefined
  const thrown = error as Thrown
  if (thrown.validation) return invalid(thrown.validation, thrown.validationContext ?? 'request')
  // What the rooms below could not do now and may be able to do soon: database away, too much waiting.
  if (error instanceof Failure && error.waitingHelps) return new Problem('GH-API-014')
  if (isLost(error)) return new Problem('GH-API-014')
  if (typeof thrown.code === 'string') return byCode(thrown.code) ?? byStatus(thrown.statusCode)
  return byStatus(thrown.statusCode)
}

function invalid(errors: NonNullable<FastifyError['validation']>, context: string): Problem {
  const problems = errors.slice(0, 20).map((error): FieldProblem => {
    const params = error.params as { additionalProperties?: readonly string[]; requiredProperties?: readonly string[] }
    const names = params.additionalProperties ?? params.requiredProperties
    const message = error.message ?? error.keyword
    return { path: `${context}${error.instancePath}`, message: names ? `${message}: ${names.join(', ')}` : message }
  })
  const first = problems[0]
  return new Problem('GH-API-001', first ? `${first.path} ${first.message}` : undefined, { problems })
}

function byCode(code: string): Problem | undefined {
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Problem('GH-API-003')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Problem('GH-API-004')
  if (code.startsWith('FST_ERR_CTP')) return new Problem('GH-API-002', 'The body has to be a JSON document.')
  if (code === 'FST_ERR_RATE_LIMIT') return new Problem('GH-API-009')
  if (isAway(code)) return new Problem('GH-API-014')
  // PostgreSQL: 22xxx is data that a column cannot hold, 23505 an identity that exists.
  if (/^22[0-9A-Z]{3}$/.test(code)) return new Problem('GH-API-001', 'A value is outside of what can be stored.')
  if (code === '23505') return new Problem('GH-API-010', 'Something with this identity exists already.')
  return undefined
}

/** The database ends connections (57P0x), is gone (3D000), is full (53xxx), gave up (57014) or asks to try again (40xxx). */
function isAway(code: string): boolean {
  return /^(57P0[1-5]|57014|3D000|53[0-9A-Z]{3}|08[0-9A-Z]{3}|40[0-9A-Z]{3}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT)$/.test(
    code,
  )
}

/** What the driver says when a connection breaks or cannot be had; it gives these no code. */
function isLost(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/.test(
      error.message,
    )
  )
}

function byStatus(status: unknown): Problem | undefined {
  if (status === 400) return new Problem('GH-API-002')
  if (status === 404) return new Problem('GH-API-007')
  if (status === 413) return new Problem('GH-API-004')
  if (status === 415) return new Problem('GH-API-003')
  if (status === 429) return new Problem('GH-API-009')
  if (typeof status === 'number' && status >= 400 && status < 500) return new Problem('GH-API-015')
  return undefined
}
