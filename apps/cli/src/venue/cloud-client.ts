/**
 * The venue's organizer: talks to the cloud's HTTP API with the admin key, as any other client would. Refusals become a
 * `Failure` with the API's own code and words.
 */
import { Failure } from '@gatehouse/runtime'

export interface CloudClient {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  patch<T>(path: string, body: unknown): Promise<T>
}

const TIMEOUT_MS = 60_000

export function createCloudClient(base: string, key: string): CloudClient {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw refused(method, path, answer.status, text)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
  }
}

function refused(method: string, path: string, status: number, text: string): Failure {
  let problem: { code?: string; title?: string; detail?: string } = {}
  try {
    problem = JSON.parse(text) as typeof problem
  } catch {
    // Not every refusal is ours (a proxy's page, for one); the status still says what happened.
  }
  const words = problem.detail ?? problem.title ?? text.slice(0, 200)
  return new Failure(problem.code ?? 'GH-VENUE-004', `${method} ${path} was answered ${status}: ${words}`)
}
