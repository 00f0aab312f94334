/** The key of the administrator, made when there is none yet. It is shown once, and kept in a file that only its owner reads. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap } from '../auth/bootstrap.ts'

export interface FirstKeyNeeds extends Readonly<Parameters<typeof bootstrap>[0]> {
  readonly dataDir: string
  readonly say: (text: string) => void
}

export async function ensureFirstKey({ dataDir, say, ...needs }: FirstKeyNeeds): Promise<void> {
  const { key } = await bootstrap(needs)
  if (!key) return
  const path = join(dataDir, 'admin-key')
  if (!existsSync(path)) writeFileSync(path, `${key}\n`, { mode: 0o600 })
  say(`admin key (shown this once, also in ${path}): ${key}\n`)
}
