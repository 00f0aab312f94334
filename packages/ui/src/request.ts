/**
 * One way for the pages to ask their server something. A refusal is an answer with words in it; not reaching the server is
 * another, and is never mistaken for a refusal: after it nobody knows whether the request was carried out.
 */
export type Asked<Value> =
  | { readonly ok: true; readonly value: Value; readonly status: number }
  | {
      readonly ok: false
      readonly away: false
      readonly status: number
      readonly code: string
      readonly detail: string
    }
  | { readonly ok: false; readonly away: true }

interface Asking {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** A plain object goes as JSON, a string as text, a Blob as what it is. */
  readonly body?: object | string | Blob
  readonly signal?: AbortSignal
  readonly withinMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

function bodyOf(body: Asking['body']): { readonly body?: BodyInit; readonly headers?: Record<string, string> } {
  if (body === undefined) return {}
  if (typeof body === 'string') return { body, headers: { 'content-type': 'text/plain' } }
  if (body instanceof Blob) return { body, headers: { 'content-type': body.type || 'application/octet-stream' } }
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Waits at most `withinMs` (default 8 s). The shape of the value is the server's promise and is not checked here. */
export async function ask<Value>(
  path: string,
  { method, body, signal, headers, withinMs = 8_000 }: Asking = {},
): Promise<Asked<Value>> {
  const limit = AbortSignal.timeout(withinMs)
  const content = bodyOf(body)
  let response: Response
  try {
    response = await fetch(path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      ...content,
      headers: { ...content.headers, ...headers },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials: 'same-origin',
    })
  } catch {
    return { ok: false, away: true }
  }
  const answer = await jsonOf(response)
  if (response.ok) return { ok: true, value: answer as Value, status: response.status }
  const problem = (answer ?? {}) as { code?: unknown; detail?: unknown; title?: unknown }
  return {
    ok: false,
    away: false,
    status: response.status,
    code: textOf(problem.code) ?? String(response.status),
    detail: textOf(problem.detail) ?? textOf(problem.title) ?? '',
  }
}

/** The same answer with its value looked at in another way. */
export function mapAsked<From, To>(asked: Asked<From>, as: (value: From) => To): Asked<To> {
  return asked.ok ? { ...asked, value: as(asked.value) } : asked
}
