/**
 * An operational failure: something outside the program did not do its part (broker gone, disk full, file missing). It carries a
 * stable code, what to do next in its message, the cause, and whether waiting may help. Denials are not failures, and a
 * broken assumption is a plain `Error` that ends the process.
 */
export class Failure extends Error {
  readonly code: string
  readonly waitingHelps: boolean

  constructor(code: string, message: string, options: { cause?: unknown; waitingHelps?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.waitingHelps = options.waitingHelps ?? false
  }
}

/** Exit codes of every program; systemd, scripts and people read them. 78 is EX_CONFIG of sysexits.h. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, configuration: 78 } as const

/** One line for a log or a terminal: the message and its causes, outermost first, at most five. */
export function describe(error: unknown): string {
  const parts: string[] = []
  for (let current = error; current instanceof Error && parts.length < 5; current = current.cause) {
    parts.push(current.message.trim().replaceAll(/\s*\n\s*/g, ' '))
  }
  if (parts.length === 0) parts.push(JSON.stringify(error) ?? 'something that is no error')
  return parts.join(': ')
}
