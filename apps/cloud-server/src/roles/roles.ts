/** What a process does. One process does everything by default; a large installation starts many with few roles each. */
import { Failure } from '@gatehouse/runtime'

export const ROLES = ['api', 'ingest', 'live', 'jobs'] as const
export type Role = (typeof ROLES)[number]

/** Throws `Failure` GH-CONFIG-003 for a role that does not exist. */
export function rolesOf(names: readonly string[]): ReadonlySet<Role> {
  const roles = new Set<Role>()
  for (const name of names) {
    if (name === 'all') for (const role of ROLES) roles.add(role)
    else roles.add(known(name))
  }
  if (roles.size === 0) throw new Failure('GH-CONFIG-003', `roles is empty; give all, or some of ${ROLES.join(', ')}`)
  return roles
}

function known(name: string): Role {
  const role = ROLES.find((candidate) => candidate === name)
  if (role) return role
  throw new Failure('GH-CONFIG-003', `there is no role '${name}'; there are all, ${ROLES.join(', ')}`)
}
