import { expect, test } from 'vitest'
import { rolesOf } from './roles.ts'

test('all means every role, and a name that does not exist is refused', () => {
  expect([...rolesOf(['all'])]).toEqual(['api', 'ingest', 'live', 'jobs'])
  expect([...rolesOf(['jobs', 'api'])]).toEqual(['jobs', 'api'])
  expect(() => rolesOf(['apy'])).toThrow("no role 'apy'")
  expect(() => rolesOf([])).toThrow('empty')
})
