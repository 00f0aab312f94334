/**
 * The session cookie of the pages. Host-wide, unreadable for scripts and never sent along from other sites; `Secure` when the page
 * came over TLS. It holds a random token of which the database keeps only the hash.
 */
const NAME = 'gatehouse_session'

/** The session token in a `Cookie` header, if there is one. */
export function readSessionCookie(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 4096) return undefined
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === NAME && value) return value
  }
  return undefined
}

export function sessionCookie(token: string, maxAgeSec: number, secure: boolean): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${maxAgeSec}`]
  return [`${NAME}=${token}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ')
}

/** Compares the `Origin` that a browser sends with the host that was asked; no `Origin` means no browser. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  if (host === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host
}
