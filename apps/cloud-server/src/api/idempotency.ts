/**
 * Makes a repeated request answer as the first time. The first one with a key works and leaves its answer; a second one gets that
 * answer, or a 409 while the first is still at work.
 */
import { createHash } from 'node:crypto'
import type { Answered, Claim } from '../auth/answered.ts'
import { problemOf } from './bad-input.ts'
import { problemKinds } from './codes.ts'
import { Problem, problemDocument } from './problem.ts'
import type { Answer } from './route.ts'

export interface IdempotentRequest {
  readonly org: string
  readonly key: string
  readonly method: string
  readonly url: string
  readonly body: unknown
}

export type Idempotency = (request: IdempotentRequest, work: () => Promise<Answer>) => Promise<Answer>

const REPLAYED = { 'idempotency-replayed': 'true' }
const PROBLEM = { 'content-type': 'application/problem+json; charset=utf-8' }

export function createIdempotency(answered: Answered): Idempotency {
  return async ({ org, key, ...request }, work) => {
    const claim = { org, key, fingerprint: fingerprintOf(request) }
    if (!(await answered.claim(claim))) return earlier(claim)
    try {
      const answer = await work()
      await answered.keep(claim, answer.status, answer.body)
      return answer
    } catch (error) {
      await keepRefusal(claim, error)
      throw error
    }
  }

  async function earlier(claim: Claim): Promise<Answer> {
    const kept = await answered.earlier(claim)
    if (kept && !kept.isSameRequest) throw new Problem('GH-API-011')
    if (!kept || kept.status === null) throw new Problem('GH-API-012')
    return { status: kept.status, body: kept.body, headers: { ...REPLAYED, ...(kept.status >= 400 ? PROBLEM : {}) } }
  }

  /** A refusal of the caller is an answer too; our own faults give the key back, so that trying again works. */
  async function keepRefusal(claim: Claim, error: unknown): Promise<void> {
    const problem = problemOf(error)
    const status = problem ? problemKinds[problem.code].status : 500
    if (problem && status < 500) await answered.keep(claim, status, problemDocument(problem.code, problem.extra))
    else await answered.release(claim).catch(() => undefined)
  }
}

function fingerprintOf({ method, url, body }: Omit<IdempotentRequest, 'org' | 'key'>): Buffer {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest()
}
