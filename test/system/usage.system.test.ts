/**
 * What our programs say of themselves before they do anything: every option with its sentence, and a mistake in the call told
 * apart (2) from a mistake in the configuration (78). None of these calls touches a disk or a port.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { options as cloudOptions } from '@gatehouse/cloud-server/config.ts'
import { options as gateOptions } from '@gatehouse/gate-agent/config.ts'
import { describe, expect, test } from 'vitest'

const APPS = join(import.meta.dirname, '../../apps')

function call(app: string, ...given: string[]): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    const program = [join(APPS, app, 'src/main.ts'), ...given]
    execFile(process.execPath, program, { timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    )
  })
}

describe.each([
  ['gate-agent', gateOptions],
  ['cloud-server', cloudOptions],
])('%s', (app, options) => {
  test('tells every option with its sentence and its environment variable', async () => {
    const { code, out, err } = await call(app, '--help')
    expect([code, err]).toEqual([0, ''])
    for (const [key, { doc }] of Object.entries(options)) {
      expect(out).toMatch(new RegExp(`^ {2}${key.replaceAll('.', '\\.')}( \\[.*\\])?$`, 'm'))
      expect(out).toContain(`${doc} (GATEHOUSE_${key.replaceAll('.', '_').toUpperCase()})`)
    }
  })

  test('called with an option it does not have ends with 2 and tells how to', async () => {
    const { code, out, err } = await call(app, '--bogus')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('--bogus')
    expect(err).toContain(`Usage: ${app}`)
    expect(err).not.toContain('    at ')
  })

  test('told an option that is not declared ends with 78 and names it', async () => {
    const { code, err } = await call(app, '--set', 'no.such=1')
    expect(code).toBe(78)
    expect(err).toContain('GH-CONFIG-001')
    expect(err).toContain('no.such')
  })
})
