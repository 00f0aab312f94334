/**
 * The one shape of every refusal (RFC 9457). A handler throws a `Problem`; the wall in app.ts turns it, and anything else that
 * was thrown, into the answer. What is not ours to tell (stack, SQL, paths) never leaves.
 */
import { type ProblemCode, problemKinds } from './codes.ts'

export interface FieldProblem {
  readonly path: string
  readonly message: string
}

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail?: string
  readonly problems?: readonly FieldProblem[]
  readonly [extra: string]: unknown
}

export class Problem extends Error {
  readonly code: ProblemCode
  readonly extra: Readonly<Record<string, unknown>>

  /** `extra` becomes further members of the document (RFC 9457 §3.2). */
  constructor(code: ProblemCode, detail?: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail ?? problemKinds[code].title)
    this.name = 'Problem'
    this.code = code
    this.extra = detail === undefined ? extra : { detail, ...extra }
  }
}

export function problemDocument(code: ProblemCode, extra: Readonly<Record<string, unknown>> = {}): ProblemDocument {
  const { status, title } = problemKinds[code]
  return { type: `urn:gatehouse:problem:${code}`, title, status, code, ...extra }
}

/** For rooms that answer `undefined` when there is nothing (of this organization) under an id. */
export function found<T>(value: T | undefined, code: ProblemCode = 'GH-API-007'): T {
  if (value === undefined) throw new Problem(code)
  return value
}
