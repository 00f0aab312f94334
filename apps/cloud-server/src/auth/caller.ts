/**
 * Who is asking, and what they may do. A caller comes from an API key, a browser session or a one-time token; from then on the
 * rest of the server sees only this value, and every query carries its organization.
 */
import type { OrgId } from '@gatehouse/domain'

export type Scope = 'admin' | 'read' | 'write' | 'record' | 'desk'
export const scopes: readonly Scope[] = ['admin', 'read', 'write', 'record', 'desk']

/** What a route asks for: nothing, any caller, or one scope. It stands on each route. */
export type Permission = 'public' | 'signed-in' | Scope

export interface Caller {
  readonly org: OrgId
  /** Identity for rate limits and logs: the key's id, or `session:` and a part of its hash. Never the secret. */
  readonly id: string
  /** How people know them; stands in records of what staff did. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly via: 'key' | 'session'
}

const implied: Readonly<Record<Scope, readonly Scope[]>> = {
  admin: scopes,
  write: ['write', 'read'],
  read: ['read'],
  record: ['record'],
  desk: ['desk'],
}

export function mayCall(caller: Caller | undefined, permission: Permission): boolean {
  if (permission === 'public') return true
  if (!caller) return false
  if (permission === 'signed-in') return true
  return caller.scopes.some((scope) => implied[scope].includes(permission))
}
