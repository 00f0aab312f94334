/**
 * Whom the database server runs as and where its files may lie. PostgreSQL refuses to run as root, so as root it runs as the account
 * "postgres" (made if missing), which has to be able to reach its folder.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Failure, type Logger } from '@gatehouse/runtime'

const run = promisify(execFile)

/** Empty unless the program runs as root; made to be spread into the options of `spawn`. */
export interface ServerAccount {
  readonly uid?: number
  readonly gid?: number
}

/** Throws `Failure` GH-DB-015 when root cannot make the account. */
export async function serverAccount(): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return {}
  try {
    return await accountIds()
  } catch {
    await run('groupadd', ['--force', '--system', 'postgres']).catch(cannotMake)
    await run('useradd', ['--system', '--no-create-home', '--gid', 'postgres', 'postgres']).catch(async (error) => {
      // Two first starts at once: the other one made it.
      await accountIds().catch(() => cannotMake(error))
    })
    return accountIds()
  }
}

async function accountIds(): Promise<ServerAccount> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

function cannotMake(error: unknown): never {
  throw new Failure('GH-DB-015', 'PostgreSQL does not run as root and the account "postgres" could not be made', {
    cause: error,
  })
}

/**
 * The folder that will hold `postgres/`: the data folder itself, or, where the account may not walk to it (a home of root), one
 * under /var/tmp whose name follows from the data folder.
 */
export async function folderFor(dataDir: string, account: ServerAccount, logger: Logger): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const reachable = account.uid === undefined || (await isReachable(dirname(dataDir), account))
  const folder = reachable
    ? dataDir
    : join('/var/tmp', `gatehouse-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)
  if (!reachable)
    logger.info({ folder }, 'the account "postgres" cannot reach the data folder; the database lies elsewhere')
  if (account.uid === undefined) return folder
  const server = join(folder, 'postgres')
  await mkdir(server, { recursive: true, mode: 0o700 })
  await chmod(folder, ((await stat(folder)).mode & 0o777) | 0o011)
  await chown(server, account.uid, account.gid ?? 0)
  return folder
}

async function isReachable(folder: string, account: ServerAccount): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder)
  const mayEnter =
    (mode & 0o001) !== 0 ||
    (uid === account.uid && (mode & 0o100) !== 0) ||
    (gid === account.gid && (mode & 0o010) !== 0)
  return mayEnter && (folder === '/' || (await isReachable(dirname(folder), account)))
}
